import TLS
import Testing

@Suite("Bytes over a session")
struct TLSSessionTransferTests {
  let certificates: CertificateFolder

  init() throws { certificates = try CertificateFolder.shared() }

  private func meeting(sendBuffer: Int32? = nil) throws -> Meeting {
    let meeting = try Meeting(server: certificates.hub(), client: certificates.edge(), sendBuffer: sendBuffer)
    try #require(meeting.serverResult == .complete && meeting.clientResult == .complete)
    return meeting
  }

  /// Bytes without a short period, so that a misplaced block is detected.
  private func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8) ^ ($0 >> 16)) }
  }

  @Test("What one side writes the other reads, both ways")
  func smallWrites() throws {
    let meeting = try meeting()
    #expect(meeting.client.send(Array("hello".utf8)) == .wrote(5))
    #expect(meeting.server.receive().bytes == Array("hello".utf8))
    #expect(meeting.server.send(Array("welcome".utf8)) == .wrote(7))
    #expect(meeting.client.receive().bytes == Array("welcome".utf8))
    #expect(meeting.client.receive().result == .wantsRead)
  }

  @Test("Writing no bytes writes nothing")
  func emptyWrite() throws {
    let meeting = try meeting()
    #expect(meeting.client.send([]) == .wrote(0))
    #expect(meeting.server.receive().result == .wantsRead)
  }

  @Test("A reader that stops early can see that more is pending")
  func pending() throws {
    let meeting = try meeting()
    #expect(meeting.client.send(pattern(1_000)) == .wrote(1_000))
    #expect(meeting.server.receive(10).bytes == Array(pattern(1_000).prefix(10)))
    #expect(meeting.server.hasPending)
    #expect(meeting.server.receive().bytes == Array(pattern(1_000).dropFirst(10)))
    #expect(!meeting.server.hasPending)
  }

  @Test("A full socket makes a writer wait; it continues from other memory, and nothing is lost or doubled")
  func fullSocket() throws {
    let meeting = try meeting(sendBuffer: 8_192)
    let bytes = pattern(300_000)
    var sent = 0
    var received: [UInt8] = []
    var waits = 0
    while received.count < bytes.count {
      // `send` copies: each attempt offers the same bytes from another address.
      switch meeting.client.send(bytes[sent...]) {
      case .wrote(let count): sent += count
      case .wantsWrite:
        waits += 1
        let (result, block) = meeting.server.receive()
        try #require(result == .bytes(block.count) || result == .wantsRead)
        received += block
      case .wantsRead, .failed:
        Issue.record("a writer waits for room alone")
        return
      }
      if sent == bytes.count { received += meeting.server.receive().bytes }
    }
    #expect(waits > 0)
    #expect(received == bytes)
  }

  @Test("Four mebibytes cross in both directions at once")
  func bigTransfer() throws {
    let meeting = try meeting()
    let bytes = pattern(4 << 20)
    let sides = [(meeting.client, meeting.server), (meeting.server, meeting.client)]
    var sent = [0, 0]
    var received: [[UInt8]] = [[], []]
    // Each turn moves at least one record one way; ten times as many turns as there are records are a hang.
    for _ in 0..<10 * 512 where received.contains(where: { $0.count < bytes.count }) {
      for (index, (writer, reader)) in sides.enumerated() {
        let end = min(sent[index] + 60_000, bytes.count)
        if case .wrote(let count) = writer.send(bytes[sent[index]..<end]) { sent[index] += count }
        received[index] += reader.receive().bytes
      }
    }
    #expect(received[0] == bytes)
    #expect(received[1] == bytes)
  }

  @Test("After one side has ended its sending, the other can still answer")
  func halfClose() throws {
    let meeting = try meeting()
    #expect(meeting.client.send([1, 2, 3]) == .wrote(3))
    meeting.client.output.shutdown()
    #expect(meeting.server.receive().bytes == [1, 2, 3])
    #expect(meeting.server.receive().result == .closed)
    #expect(meeting.server.send([4, 5]) == .wrote(2))
    meeting.server.output.shutdown()
    #expect(meeting.client.receive().bytes == [4, 5])
    #expect(meeting.client.receive().result == .closed)
  }

  @Test("A broken connection is not mistaken for an orderly end")
  func truncation() throws {
    let meeting = try meeting()
    #expect(meeting.server.send([9]) == .wrote(1))
    meeting.sockets.closeServer()
    #expect(meeting.client.receive().bytes == [9])
    #expect(meeting.client.receive().result.failure?.reason == .reset)
  }

  @Test("The peer's last bytes can be read after a write has failed")
  func readAfterReset() throws {
    let meeting = try meeting()
    #expect(meeting.server.send([9]) == .wrote(1))
    meeting.server.output.shutdown()
    meeting.sockets.closeServer()
    #expect(meeting.client.send([1]).failure?.reason == .reset)
    #expect(meeting.client.receive().bytes == [9])
    #expect(meeting.client.receive().result == .closed)
  }

  @Test("A refused edge that writes before it reads gets the reason, not only a broken pipe")
  func alertBehindBrokenPipe() throws {
    let policy = TLSPolicy.linkClient(alpn: CertificateFolder.alpn)
    let client = try TLSContext(policy: policy, identity: nil, authority: .file(certificates.authority))
    let meeting = try Meeting(server: certificates.hub(), client: client)
    meeting.sockets.closeServer()
    let failure = try #require(meeting.client.send([1, 2, 3]).failure)
    #expect(failure.reason == .peerAlert)
    #expect(failure.description == "the peer refused us: certificate required (TLS alert 116)")
  }

  @Test("A byte changed in transit breaks the session")
  func tampering() throws {
    let meeting = try meeting()
    try meeting.sockets.sendRaw([23, 3, 3, 0, 20] + pattern(20), from: meeting.sockets.client)
    let failure = try #require(meeting.server.receive().result.failure)
    #expect(failure.reason == .other)
    #expect(failure.description == "decryption failed or bad record mac")
  }
}
