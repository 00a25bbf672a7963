import Glibc
import Reactor
import Testing

@testable import Uring

/// Where the kernel does not permit io_uring, these tests are skipped: an edge then sends by `send(2)`.
private let isPermitted = (try? SendRing()) != nil

@Suite("A ring of sends", .enabled(if: isPermitted)) struct SendRingTests {
  private let ring: SendRing

  init() throws { ring = try SendRing() }

  private func pairs(_ count: Int) throws -> [SocketPair] { try (0..<count).map { _ in try SocketPair() } }

  private func numbers(_ pairs: [SocketPair]) -> [Int32] { pairs.map { $0.first.number } }

  private func received(_ pair: SocketPair) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    guard case .moved(let count) = Socket.receive(pair.second.number, into: &buffer) else { return nil }
    return Array(buffer.prefix(count))
  }

  @Test(
    "All sockets get the bytes, in batches and in a batch that is not full",
    arguments: [0, 1, 511, 512, 513, 1_200])
  func sameBytes(count: Int) throws {
    let pairs = try pairs(count)
    let bytes = Array("data:{\"1F600\":1}\n\n".utf8)
    for _ in 0..<2 {
      ring.send(bytes, toEach: numbers(pairs)[...]) { index, result in
        Issue.record("\(index): \(result)")
      }
      for pair in pairs { #expect(received(pair) == bytes) }
    }
    #expect(ring.failure == nil)
  }

  @Test("Each socket gets its own part, an empty one too")
  func parts() throws {
    let pairs = try pairs(600)
    let parts = pairs.indices.map { index in [UInt8](repeating: UInt8(index % 251), count: index % 7) }
    var ends: [Int] = []
    var bytes: [UInt8] = []
    for part in parts {
      bytes += part
      ends.append(bytes.count)
    }
    ring.send(bytes, endingAt: ends, toEach: numbers(pairs)[...]) { index, result in
      Issue.record("\(index): \(result)")
    }
    for (pair, part) in zip(pairs, parts) { #expect(received(pair) == (part.isEmpty ? nil : part)) }
  }

  /// The same results as from `send(2)`, for each kind of socket that an edge meets.
  @Test("A socket with too little room, a full one and a broken one are reported, and hold nobody back")
  func short() throws {
    let pairs = try pairs(5)
    let bytes = [UInt8](repeating: 7, count: 300_000)
    // Full to the last byte.
    while case .moved = Socket.send(pairs[1].first.number, bytes) {}
    shutdown(pairs[2].first.number, Int32(SHUT_WR))
    var results: [Int: TransferResult] = [:]
    ring.send(bytes, toEach: numbers(pairs)[...]) { results[$0] = $1 }
    #expect(results[1] == .wouldBlock)
    #expect(results[2] == .failed(SystemError(call: "send", code: EPIPE)))
    for index in [0, 3, 4] {
      guard case .moved(let count) = results[index] else {
        Issue.record("\(index): \(String(describing: results[index]))")
        continue
      }
      #expect(count > 0 && count < bytes.count)
      #expect(received(pairs[index])?.count == count)
    }
    #expect(ring.failure == nil)
  }

  @Test("A descriptor that is not open is a failure of that socket alone")
  func closed() throws {
    let pairs = try pairs(3)
    // One that was open might be another test's by now.
    let gone: Int32 = 1_000_000
    var results: [Int: TransferResult] = [:]
    ring.send([1], toEach: [pairs[0].first.number, gone, pairs[1].first.number][...]) { results[$0] = $1 }
    #expect(results == [1: .failed(SystemError(call: "send", code: EBADF))])
    #expect(received(pairs[0]) == [1] && received(pairs[1]) == [1])
  }

  @Test("If the kernel takes no more over, all sockets get their bytes once, without the ring")
  func broken() throws {
    let pairs = try pairs(700)
    let other = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
    #expect(dup2(other, ring.descriptor) == ring.descriptor)
    close(other)
    for value in 1...2 {
      ring.send([UInt8(value)], toEach: numbers(pairs)[...]) { index, result in
        Issue.record("\(index): \(result)")
      }
      for pair in pairs { #expect(received(pair) == [UInt8(value)]) }
    }
    #expect(ring.failure?.call == "io_uring_enter")
  }
}
