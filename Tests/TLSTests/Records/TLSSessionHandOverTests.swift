import COpenSSL
import TestSupport
import Testing

@testable import TLS

/// OpenSSL is the client in all of these tests, so that both ends never make the same mistake.
@Suite("A session that is handed over") struct TLSSessionHandOverTests {
  let certificates: CertificateFolder

  init() throws { certificates = try CertificateFolder.shared() }

  /// Bytes without a short period.
  private func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8) ^ ($0 >> 16)) }
  }

  @Test("Both sides go on, the server's ticket included", arguments: RecordSuite.allCases)
  func bothWays(suite: RecordSuite) throws {
    let connection = try Connection(suite)
    // Some records before the hand-over, in both directions.
    for byte: UInt8 in 1...3 {
      #expect(connection.server.send([byte]) == .wrote(1))
      #expect(connection.client.receive().bytes == [byte])
      #expect(connection.client.send([byte]) == .wrote(1))
      #expect(connection.server.receive().bytes == [byte])
    }
    #expect(connection.client.cipher == suite.name)
    let session = try connection.handOver()
    for count in [1, 100, 16_384] {
      #expect(session.write(pattern(count)) == .wrote(count))
      #expect(connection.client.receive().bytes == pattern(count))
      #expect(connection.client.send(pattern(count)) == .wrote(count))
      #expect(session.receive().bytes == pattern(count))
    }
    #expect(session.write([]) == .wrote(0))
    #expect(session.receive().result == .wantsRead)
    #expect(connection.client.receive().result == .wantsRead)
    session.shutdown()
    #expect(connection.client.receive().result == .closed)
    connection.client.output.shutdown()
    #expect(session.receive().result == .closed)
    #expect(session.receive().result == .closed)
  }

  @Test(
    "A ticket that was sent before the hand-over resumes a session, which is handed over too",
    arguments: 0..<3)
  func tickets(index: Int) throws {
    let keys = TicketKeys([try TicketKey()])
    let context = try certificates.publicServer(ticketKeys: keys)
    // The suite may differ from that of the ticket as long as the hash is the same.
    let (first, second) = [
      (RecordSuite.aes128, RecordSuite.chacha), (.chacha, .aes128), (.aes256, .aes256),
    ][index]
    /// The connection ends before its session is resumed.
    func resumable() throws -> ResumableSession? {
      let connection = try Connection(first, context: context)
      let session = try connection.handOver()
      #expect(session.write([1]) == .wrote(1))
      #expect(connection.client.receive().bytes == [1])
      return connection.client.resumable
    }
    let resumable = try #require(try resumable())
    let resumed = try Connection(second, context: context, resuming: resumable)
    #expect(resumed.server.isResumed)
    #expect(resumed.server.cipher == second.name)
    let next = try resumed.handOver()
    #expect(next.write([2]) == .wrote(1))
    #expect(resumed.client.receive().bytes == [2])
    #expect(resumed.client.send([3]) == .wrote(1))
    #expect(next.receive().bytes == [3])
  }

  @Test(
    "The client goes on to its next keys, and may ask the server to do so", arguments: RecordSuite.allCases)
  func clientUpdates(suite: RecordSuite) throws {
    let connection = try Connection(suite)
    let session = try connection.handOver()
    for round: UInt8 in 0..<10 {
      try connection.updateClientKey(asking: round % 2 == 1)
      #expect(connection.client.send([round]) == .wrote(1))
      #expect(session.receive().bytes == [round])
      // The server's first record was its ticket.
      #expect(session.sealer.sequence == (round % 2 == 1 ? 0 : 1))
      #expect(session.write([round, round]) == .wrote(2))
      #expect(connection.client.receive().bytes == [round, round])
    }
  }

  @Test("The server goes on to its next key before the limit of a key", arguments: RecordSuite.allCases)
  func ownUpdates(suite: RecordSuite) throws {
    let connection = try Connection(suite)
    let session = try connection.handOver(with: RecordCiphers(recordsPerKey: 5))
    for round: UInt8 in 0..<50 {
      // In turns over both ways to write.
      if round % 2 == 0 {
        #expect(session.write([round]) == .wrote(1))
      } else {
        #expect(RecordBatch.deliver([round], to: [session]) == [:])
      }
      #expect(session.sealer.sequence <= 6)
      #expect(connection.client.receive().bytes == [round])
    }
    #expect(connection.client.send([7]) == .wrote(1))
    #expect(session.receive().bytes == [7])
  }

  @Test(
    "A full socket: the same bytes come first, and nothing is lost or doubled",
    arguments: RecordSuite.allCases)
  func fullSocket(suite: RecordSuite) throws {
    let connection = try Connection(suite, sendBuffer: 8_192)
    let session = try connection.handOver(with: RecordCiphers(recordsPerKey: 7))
    let bytes = pattern(1 << 20)
    var (sent, waits, received): (Int, Int, [UInt8]) = (0, 0, [])
    for turn in 0..<100_000 where received.count < bytes.count {
      if sent < bytes.count {
        switch session.write(Array(bytes[sent..<min(sent + 50_000, bytes.count)])) {
        case .wrote(let count):
          sent += count
          #expect(session.boundCount == 0)
        case .wantsWrite:
          waits += 1
          #expect(session.boundCount == min(16_384, bytes.count - sent) || session.boundCount == 0)
        case .wantsRead, .failed: Issue.record("a writer waits for room alone")
        }
      }
      // The client asks for other keys meanwhile, and its requests find the socket full.
      if turn % 50 == 49 {
        try connection.updateClientKey(asking: true)
        #expect(connection.client.send([1]) == .wrote(1))
        #expect(session.receive().bytes == [1])
      }
      if turn % 3 == 0 { received += connection.client.receive(5_000).bytes }
    }
    #expect(waits > 0)
    #expect(received == bytes)
  }

  @Test("Everything at once, at random, in both directions", arguments: 1...30)
  func random(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let suite = try #require(RecordSuite.allCases.randomElement(using: &random))
    let connection = try Connection(suite, sendBuffer: 16_384)
    for _ in 0..<Int.random(in: 0..<5, using: &random) { #expect(connection.server.send([0]) == .wrote(1)) }
    while !connection.client.receive().bytes.isEmpty {}
    let session = try connection.handOver(
      with: RecordCiphers(recordsPerKey: .random(in: 1...9, using: &random)))
    let down = pattern(.random(in: 0...200_000, using: &random))
    let up = pattern(.random(in: 0...200_000, using: &random))
    var (downSent, upSent, downReceived, upReceived): (Int, Int, [UInt8], [UInt8]) = (0, 0, [], [])
    // What the client offers may be bound, so it grows by this only after it was taken.
    var upSize = 0
    for _ in 0..<1_000_000 where downReceived.count < down.count || upReceived.count < up.count {
      switch Int.random(in: 0..<6, using: &random) {
      case 0:
        let end = min(downSent + .random(in: 16_384...40_000, using: &random), down.count)
        if downSent < end, case .wrote(let count) = session.write(Array(down[downSent..<end])) {
          downSent += count
        }
      case 1:
        if upSize == 0 { upSize = .random(in: 1...20_000, using: &random) }
        let end = min(upSent + upSize, up.count)
        if upSent < end, case .wrote(let count) = connection.client.send(up[upSent..<end]) {
          upSent += count
          upSize = 0
        }
      case 2, 3: downReceived += connection.client.receive(.random(in: 1...20_000, using: &random)).bytes
      case 4: upReceived += session.receive(.random(in: 1...20_000, using: &random)).bytes
      default:
        let isQuiet = connection.client.output.boundCount == 0 && Int.random(in: 0..<4, using: &random) == 0
        if isQuiet { _ = unsafe SSL_key_update(connection.client.ssl, .random(in: 0...1, using: &random)) }
      }
    }
    #expect(downReceived == down)
    #expect(upReceived == up)
  }
}
