import COpenSSL
import Glibc
import Testing

@testable import TLS

@Suite("What a session does that was handed over, and which one may be") struct RecordSessionTests {
  let certificates: CertificateFolder

  init() throws { certificates = try CertificateFolder.shared() }

  // MARK: The hand-over

  @Test("TLS 1.2 stays with OpenSSL, and so does a session that did not announce it")
  func notPossible() throws {
    let old = try Connection(newest: .tls12)
    try old.request()
    #expect(old.server.handOver(to: RecordCiphers()) == nil)
    #expect(old.server.send([1]) == .wrote(1))
    #expect(old.client.receive().bytes == [1])
    let meeting = try Meeting(server: certificates.publicServer(), client: certificates.browser())
    #expect(meeting.server.handOver(to: RecordCiphers()) == nil)
    #expect(meeting.server.send([1]) == .wrote(1))
  }

  @Test("A session is handed over once, and before its handshake not at all")
  func once() throws {
    let sockets = try SocketPair()
    let session = try TLSSession(
      accepting: sockets.server, context: certificates.publicServer(), handsOver: true)
    #expect(session.handOver(to: RecordCiphers()) == nil)
    let connection = try Connection()
    _ = try connection.handOver()
    #expect(connection.server.handOver(to: RecordCiphers()) == nil)
    // What OpenSSL's object does now, it does without the socket.
    connection.server.output.shutdown()
    while !connection.client.receive().bytes.isEmpty {}
    #expect(connection.client.receive().result == .wantsRead)
  }

  @Test("A session stays with OpenSSL while a record has arrived in part, however short the part is")
  func partOfRecord() throws {
    for count in [1, 4, 5, 6, 20] {
      let connection = try Connection()
      try connection.request()
      let record = try connection.capture { connection.client.send([1, 2, 3]) }
      try connection.sockets.sendRaw(Array(record[..<count]), from: connection.sockets.client)
      #expect(connection.server.receive().result == .wantsRead)
      #expect(connection.server.handOver(to: RecordCiphers()) == nil, "\(count)")
      try connection.sockets.sendRaw(Array(record[count...]), from: connection.sockets.client)
      #expect(connection.server.receive().bytes == [1, 2, 3])
      let session = try #require(connection.server.handOver(to: RecordCiphers()))
      #expect(connection.client.send([4]) == .wrote(1))
      #expect(session.receive().bytes == [4])
    }
  }

  @Test("A session stays with OpenSSL while data waits in it, while bytes are bound, and after a key update")
  func unready() throws {
    let ahead = try Connection()
    #expect(ahead.client.send([1, 2, 3]) == .wrote(3))
    #expect(ahead.server.receive(1).bytes == [1])
    #expect(ahead.server.handOver(to: RecordCiphers()) == nil)
    #expect(ahead.server.receive().bytes == [2, 3])
    #expect(ahead.server.handOver(to: RecordCiphers()) != nil)

    let bound = try Connection(sendBuffer: 4_096)
    while bound.server.send([UInt8](repeating: 0, count: 1_000)) == .wrote(1_000) {}
    #expect(bound.server.output.boundCount > 0)
    #expect(bound.server.handOver(to: RecordCiphers()) == nil)

    let updated = try Connection()
    try updated.updateClientKey()
    try updated.request()
    #expect(updated.server.handOver(to: RecordCiphers()) == nil)
    #expect(updated.server.send([1]) == .wrote(1))
    #expect(updated.client.receive().bytes == [1])
  }

  @Test("What arrives with the request, as records of its own, is not lost")
  func following() throws {
    let connection = try Connection()
    for text in ["GET", "more", "and more"] {
      #expect(connection.client.send(Array(text.utf8)) == .wrote(text.utf8.count))
    }
    #expect(connection.server.receive().bytes == Array("GET".utf8))
    let session = try #require(connection.server.handOver(to: RecordCiphers()))
    #expect(session.receive().bytes == Array("more".utf8))
    #expect(session.receive().bytes == Array("and more".utf8))
  }

  // MARK: Alerts

  @Test(
    "A violation is answered with its alert, which OpenSSL's client names; then nothing works any more",
    arguments: [
      ([22, 3, 3, 0, 1, 1], "unexpected message"), ([23, 3, 3, 0x7f, 0xff], "record overflow"),
      ([23, 3, 3, 0, 17] + [UInt8](repeating: 1, count: 17), "bad record mac"),
    ] as [([UInt8], String)])
  func violation(record: [UInt8], name: String) throws {
    let connection = try Connection()
    let session = try connection.handOver()
    try connection.sockets.sendRaw(record, from: connection.sockets.client)
    let failure = try #require(session.receive().result.failure)
    #expect(failure.reason == .notTLS)
    #expect(failure.description == "what the peer sent is not TLS: \(name)")
    let told = try #require(connection.client.receive().result.failure)
    #expect(told.reason == .peerAlert)
    #expect(told.description.contains(name))
    #expect(session.write([1]) == .failed(failure))
    #expect(session.receive().result == .failed(failure))
    session.shutdown()
    #expect(!connection.sockets.hasBytesForClient, "no close_notify after a fatal alert")
  }

  @Test("A client's alert, its end without one, and its disappearance are told apart")
  func endings() throws {
    let refused = try Connection()
    let refusedSession = try refused.handOver()
    // OpenSSL's client refuses a record that is not authentic, with an alert.
    try refused.sockets.sendRaw(
      [23, 3, 3, 0, 20] + [UInt8](repeating: 7, count: 20), from: refused.sockets.server)
    #expect(refused.client.receive().result.failure != nil)
    let alert = try #require(refusedSession.receive().result.failure)
    #expect(alert.reason == .peerAlert)
    #expect(alert.description == "the peer refused us: bad record mac (TLS alert 20)")

    let cut = try Connection()
    let cutSession = try cut.handOver()
    cut.sockets.closeClient()
    #expect(cutSession.receive().result.failure?.reason == .reset)

    let gone = try Connection()
    let goneSession = try gone.handOver()
    gone.sockets.closeClient()
    #expect(goneSession.write([1]).failure?.reason == .reset)
    #expect(goneSession.write([1]).failure?.reason == .reset)
  }

  @Test("A client may end its side and still receive")
  func halfClose() throws {
    let connection = try Connection()
    let session = try connection.handOver()
    connection.client.output.shutdown()
    #expect(session.receive().result == .closed)
    #expect(session.write([4, 5]) == .wrote(2))
    #expect(connection.client.receive().bytes == [4, 5])
    session.shutdown()
    session.shutdown()
    #expect(connection.client.receive().result == .closed)
    #expect(!connection.sockets.hasBytesForClient)
  }

  @Test("Data that is larger than the reader's buffer comes in parts")
  func smallReads() throws {
    let connection = try Connection()
    let session = try connection.handOver()
    #expect(connection.client.send([1, 2, 3, 4, 5]) == .wrote(5))
    #expect(session.receive(2).bytes == [1, 2])
    #expect(session.receive(2).bytes == [3, 4])
    #expect(session.receive(2).bytes == [5])
    #expect(session.receive(2).result == .wantsRead)
  }

  @Test(
    "A client that asks for new keys again and again, and takes none, is cut off before that costs memory")
  func keyUpdateFlood() throws {
    let connection = try Connection(sendBuffer: 4_096)
    let session = try connection.handOver()
    while session.write([UInt8](repeating: 0, count: 1_000)) == .wrote(1_000) {}
    var failure: TLSFailure?
    for _ in 0..<40 where failure == nil {
      try connection.updateClientKey(asking: true)
      failure = session.receive().result.failure
    }
    #expect(failure?.reason == .notTLS)
  }

  @Test("Nothing follows close_notify: no data, and no answer to a key update")
  func afterTheEnd() throws {
    let connection = try Connection()
    let session = try connection.handOver()
    session.shutdown()
    try connection.updateClientKey(asking: true)
    #expect(connection.client.send([1]) == .wrote(1))
    #expect(session.receive().bytes == [1])
    let result = session.write([2])
    #expect(result != .wrote(1) && result != .wantsWrite)
    #expect(connection.client.receive().result == .closed)
    var byte: UInt8 = 0
    #expect(
      unsafe recv(connection.sockets.client, &byte, 1, Int32(MSG_DONTWAIT)) == -1,
      "bytes after close_notify")
    #expect(session.receive().result == .wantsRead)
  }

  // MARK: Many sessions

  @Test(
    "Sessions of all suites receive the same bytes; one that left, failed or does not read is reported",
    arguments: [1, 4, 9])
  func batch(of countMaximum: Int) throws {
    func deliver(_ bytes: [UInt8], to sessions: [RecordSession]) -> [Int: TLSWriteHalf.WriteResult] {
      RecordBatch.deliver(bytes, to: sessions, countMaximum: countMaximum)
    }
    let ciphers = RecordCiphers()
    let connections = try (0..<9).map { try Connection(RecordSuite.allCases[$0 % 3], sendBuffer: 4_096) }
    let sessions = try connections.map { try $0.handOver(with: ciphers) }
    for round in 0..<3 {
      #expect(deliver(Array("data:\(round)\n\n".utf8), to: sessions) == [:])
      for connection in connections {
        #expect(connection.client.receive().bytes == Array("data:\(round)\n\n".utf8))
      }
    }
    #expect(deliver([], to: sessions) == [:])
    #expect(deliver([1], to: []) == [:])

    connections[1].sockets.closeClient()
    try connections[2].sockets.sendRaw([1, 2, 3, 4, 5], from: connections[2].sockets.client)
    let broken = try #require(sessions[2].receive().result.failure)
    while sessions[3].write([UInt8](repeating: 1, count: 1_000)) == .wrote(1_000) {}
    let event = Array("event".utf8)
    let short = deliver(event, to: sessions)
    #expect(short.keys.sorted() == [1, 2, 3])
    #expect(short[1]?.failure?.reason == .reset)
    #expect(short[2] == .failed(broken))
    #expect(short[3] == .wantsWrite)
    #expect(sessions[3].boundCount == 1_000)
    for index in [0, 4, 5, 6, 7, 8] { #expect(connections[index].client.receive().bytes == event) }
  }

  @Test("Of bytes that are longer than a record, one record is written to each")
  func longBatch() throws {
    let ciphers = RecordCiphers()
    let connections = try (0..<2).map { _ in try Connection() }
    let sessions = try connections.map { try $0.handOver(with: ciphers) }
    let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0) }
    #expect(RecordBatch.deliver(bytes, to: sessions) == [:])
    for (session, connection) in zip(sessions, connections) {
      #expect(session.write(bytes, from: 16_384) == .wrote(3_616))
      #expect(connection.client.receive().bytes + connection.client.receive().bytes == bytes)
    }
  }

  @Test("After close_notify, and while a key update waits, a session takes no record")
  func unreadyInBatch() throws {
    let ciphers = RecordCiphers()
    let connections = try (0..<3).map { _ in try Connection(sendBuffer: 4_096) }
    let sessions = try connections.map { try $0.handOver(with: ciphers) }
    sessions[0].shutdown()
    while sessions[1].write([UInt8](repeating: 1, count: 1_000)) == .wrote(1_000) {}
    try connections[1].updateClientKey(asking: true)
    _ = sessions[1].receive()
    let short = RecordBatch.deliver([7], to: sessions)
    #expect(short.keys.sorted() == [0, 1])
    #expect(short[0]?.failure != nil)
    #expect(short[1] == .wantsWrite)
    #expect(connections[2].client.receive().bytes == [7])
  }

  @Test("Of a record that a socket takes in part, the rest comes first, once")
  func cutInBatch() throws {
    let connection = try Connection(sendBuffer: 4_096)
    let session = try connection.handOver()
    var batch = RecordBatch(countMaximum: 8)
    let bytes = Array("data:{\"1F600\":1}\n\n".utf8)
    #expect(batch.seal(bytes, for: [session][...], from: 0) { Issue.record("\($0): \($1)") } == 1)
    try connection.sockets.sendRaw(Array(batch.records[..<5]), from: connection.sockets.server)
    #expect(batch.sent(0, 5, 0, by: [session][...]) == .wantsWrite)
    #expect(session.boundCount == bytes.count)
    #expect(connection.client.receive().result == .wantsRead)
    // The bound bytes are not sealed again.
    #expect(session.write(bytes + [1]) == .wrote(bytes.count))
    #expect(connection.client.receive().bytes == bytes)
    #expect(RecordBatch.deliver([2], to: [session]) == [:])
    #expect(connection.client.receive().bytes == [2])
  }
}
