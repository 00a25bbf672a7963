import CUring
import Glibc
import Reactor

/// Sends to many sockets with one system call for hundreds of them: `io_uring(7)`, by liburing.
///
/// A call here returns when each of its sends has ended, as a loop of `send(2)` does. No send waits (`MSG_DONTWAIT`), so the
/// kernel completes it while it takes it over. What is saved is the way into the kernel and back for each socket.
///
/// Not every kernel has it, and containers often forbid it: ``init()`` tries. A ring is confined to the thread that
/// makes it (`IORING_SETUP_SINGLE_ISSUER`).
@safe
package final class SendRing {
  /// The most sends of one system call.
  package static let batchMaximum = 512

  private let ring: OpaquePointer
  private let completions = UnsafeMutablePointer<curing_completion>.allocate(capacity: batchMaximum)
  /// Whether each send of the present batch has ended.
  private let hasEnded = UnsafeMutablePointer<Bool>.allocate(capacity: batchMaximum)

  /// Why the ring is no longer in use; then each send is a `send(2)`.
  package private(set) var failure: SystemError?

  /// A ring that works: it has sent a byte.
  ///
  /// - Throws: what the kernel does not have or does not permit: `ENOSYS`, `EINVAL` (Linux before 6.1), `EPERM`
  ///   (a container's filter, the setting `kernel.io_uring_disabled`), `ENOMEM`.
  package convenience init() throws(SystemError) {
    var ring: OpaquePointer?
    let result = unsafe curing_open(UInt32(Self.batchMaximum), &ring)
    guard let ring = unsafe ring else { throw SystemError(call: "io_uring_setup", code: -result) }
    unsafe self.init(ring)
    let pair = try SocketPair()
    send([0], toEach: [pair.first.number][...]) { _, result in
      if case .failed(let error) = result { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  private init(_ ring: OpaquePointer) { unsafe self.ring = ring }

  deinit {
    unsafe curing_close(ring)
    unsafe completions.deallocate()
    unsafe hasEnded.deallocate()
  }

  /// The descriptor of the ring, borrowed.
  var descriptor: Int32 { unsafe curing_descriptor(ring) }

  /// Sends the same bytes to many sockets, and reports incomplete sends.
  ///
  /// - Parameters:
  ///   - sockets: borrowed; none twice.
  ///   - onShort: called with the position in `sockets` and the result of an incomplete send.
  package func send(
    _ bytes: [UInt8], toEach sockets: ArraySlice<Int32>, onShort: (Int, TransferResult) -> Void
  ) {
    unsafe bytes.withUnsafeBytes { content in
      unsafe send(sockets.count, onShort) { unsafe (sockets[sockets.startIndex + $0], content) }
    }
  }

  /// Sends to each socket a part of its own of an array, and reports incomplete sends.
  ///
  /// - Parameters:
  ///   - ends: where each part ends; it begins where the one before it ends.
  ///   - sockets: one for each part; borrowed; none twice.
  ///   - onShort: called with the position in `sockets` and the result of an incomplete send.
  package func send(
    _ bytes: [UInt8], endingAt ends: [Int], toEach sockets: ArraySlice<Int32>,
    onShort: (Int, TransferResult) -> Void
  ) {
    unsafe bytes.withUnsafeBytes { content in
      unsafe send(sockets.count, onShort) { index in
        let start = index == 0 ? 0 : ends[index - 1]
        return unsafe (
          sockets[sockets.startIndex + index], UnsafeRawBufferPointer(rebasing: content[start..<ends[index]])
        )
      }
    }
  }

  /// One of the sends of a batch.
  private typealias Piece = (socket: Int32, bytes: UnsafeRawBufferPointer)

  @inline(__always)
  private func send(_ count: Int, _ onShort: (Int, TransferResult) -> Void, _ piece: (Int) -> Piece) {
    var start = 0
    while start < count, failure == nil {
      let end = min(start + Self.batchMaximum, count)
      unsafe sendBatch(start..<end, onShort, piece)
      start = end
    }
    for index in start..<count { unsafe sendAlone(index, onShort, piece) }
  }

  @inline(__always)
  private func sendBatch(
    _ batch: Range<Int>, _ onShort: (Int, TransferResult) -> Void, _ piece: (Int) -> Piece
  ) {
    for index in batch {
      let (socket, bytes) = unsafe piece(index)
      unsafe hasEnded[index - batch.lowerBound] = false
      unsafe curing_add_send(
        ring, socket, bytes.baseAddress, bytes.count, UInt64(index - batch.lowerBound))
    }
    var left = batch.count
    while left > 0 {
      let submitted = unsafe curing_submit(ring, UInt32(left))
      let count = Int(unsafe curing_take(ring, completions, UInt32(left)))
      left -= count
      for position in 0..<count {
        let completion = unsafe completions[position]
        unsafe hasEnded[Int(completion.token)] = true
        let index = batch.lowerBound + Int(completion.token)
        let (socket, bytes) = unsafe piece(index)
        if Int(completion.result) == bytes.count { continue }
        unsafe onShort(index, result(of: completion.result, bytes, to: socket))
      }
      guard submitted >= 0 || submitted == -EINTR else {
        return unsafe giveUp(SystemError(call: "io_uring_enter", code: -submitted), batch, onShort, piece)
      }
    }
  }

  /// The result of a send that took not all bytes.
  private func result(
    of moved: Int32, _ bytes: UnsafeRawBufferPointer, to socket: Int32
  ) -> TransferResult {
    switch -moved {
    case ...0: .moved(Int(moved))
    case EAGAIN: .wouldBlock
    // The socket is not full, so it would not report that it has room.
    case EINTR: unsafe Socket.send(socket, bytes)
    case let code: .failed(SystemError(call: "send", code: code))
    }
  }

  /// The kernel takes no more over. What it has not taken is sent without it; what it has taken without an answer, which
  /// no known kernel does, cannot be sent again.
  private func giveUp(
    _ error: SystemError, _ batch: Range<Int>, _ onShort: (Int, TransferResult) -> Void,
    _ piece: (Int) -> Piece
  ) {
    let taken = batch.upperBound - Int(unsafe curing_unsubmitted(ring))
    failure = error
    for index in batch where unsafe !hasEnded[index - batch.lowerBound] {
      if index < taken { onShort(index, .failed(error)) } else { unsafe sendAlone(index, onShort, piece) }
    }
  }

  private func sendAlone(_ index: Int, _ onShort: (Int, TransferResult) -> Void, _ piece: (Int) -> Piece) {
    let (socket, bytes) = unsafe piece(index)
    let result = unsafe Socket.send(socket, bytes)
    if result != .moved(bytes.count) { onShort(index, result) }
  }
}
