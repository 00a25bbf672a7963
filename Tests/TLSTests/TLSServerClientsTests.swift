import Glibc
import TLS
import TestSupport
import Testing

@Suite("Difficult clients of a public server")
struct TLSServerClientsTests {
  let certificates: CertificateFolder

  init() throws { certificates = try CertificateFolder.shared() }

  private static let versions: [TLSPolicy.Version] = [.tls12, .tls13]

  private func meeting(_ newest: TLSPolicy.Version, sendBuffer: Int32? = nil) throws -> Meeting {
    let meeting = try Meeting(
      server: certificates.publicServer(), client: certificates.browser(newest: newest),
      sendBuffer: sendBuffer)
    try #require(meeting.serverResult == .complete && meeting.clientResult == .complete)
    return meeting
  }

  @Test("A hello that arrives byte by byte is answered after its last byte")
  func slowHello() throws {
    let sockets = try SocketPair()
    let session = try TLSSession(accepting: sockets.server, context: certificates.publicServer())
    for byte in try SocketPair.hello(of: certificates.browser(), name: "localhost") {
      #expect(session.handshake() == .wantsRead)
      #expect(!sockets.hasBytesForClient)
      try sockets.sendRaw([byte], from: sockets.client)
    }
    #expect(session.handshake() == .wantsRead)
    #expect(sockets.hasBytesForClient)
    #expect(!session.isEstablished)
  }

  @Test("A client that stalls after its hello and hangs up counts as a reset")
  func stalled() throws {
    let sockets = try SocketPair()
    let session = try TLSSession(accepting: sockets.server, context: certificates.publicServer())
    try sockets.sendRaw(
      SocketPair.hello(of: certificates.browser(), name: "localhost"), from: sockets.client)
    for _ in 0..<3 { #expect(session.handshake() == .wantsRead) }
    sockets.closeClient()
    #expect(session.handshake().failure?.reason == .reset)
  }

  @Test("A client that does not read makes the handshake wait for room")
  func unreadHandshake() throws {
    let sockets = try SocketPair()
    let session = try TLSSession(accepting: sockets.server, context: certificates.publicServer())
    let filler = [UInt8](repeating: 0, count: 4_096)
    while unsafe write(sockets.server, filler, filler.count) > 0 {}
    try sockets.sendRaw(
      SocketPair.hello(of: certificates.browser(), name: "localhost"), from: sockets.client)
    #expect(session.handshake() == .wantsWrite)
    #expect(session.handshake() == .wantsWrite)
  }

  @Test(
    "A client that speaks HTTP without TLS is refused, and so are random bytes",
    arguments: ["GET / HTTP/1.1\r\n\r\n", "noise"])
  func notTLS(text: String) throws {
    let sockets = try SocketPair()
    let session = try TLSSession(accepting: sockets.server, context: certificates.publicServer())
    try sockets.sendRaw(Array(text.utf8), from: sockets.client)
    #expect(session.handshake().failure?.reason == .notTLS)
  }

  @Test("A hello with one byte changed never ends in a session")
  func damagedHello() throws {
    var random = SeededGenerator(seed: 20_251_123)
    let context = try certificates.publicServer()
    let hello = try SocketPair.hello(of: certificates.browser(), name: "localhost")
    for _ in 0..<500 {
      let sockets = try SocketPair()
      let session = try TLSSession(accepting: sockets.server, context: context)
      var damaged = hello
      damaged[.random(in: damaged.indices, using: &random)] ^= .random(in: 1...255, using: &random)
      try sockets.sendRaw(damaged, from: sockets.client)
      let result = session.handshake()
      #expect(result == .wantsRead || result.failure != nil)
    }
  }

  @Test("A client may end its side and still receive", arguments: versions)
  func halfClose(version: TLSPolicy.Version) throws {
    let meeting = try meeting(version)
    meeting.client.output.shutdown()
    #expect(meeting.server.receive().result == .closed)
    #expect(meeting.server.send([4, 5]) == .wrote(2))
    #expect(meeting.client.receive().bytes == [4, 5])
    meeting.server.output.shutdown()
    #expect(meeting.client.receive().result == .closed)
  }

  @Test("A megabyte passes through a small socket, however often writes are refused", arguments: versions)
  func fullSocket(version: TLSPolicy.Version) throws {
    let meeting = try meeting(version, sendBuffer: 8_192)
    let bytes = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8) ^ ($0 >> 16)) }
    var (sent, waits, received): (Int, Int, [UInt8]) = (0, 0, [])
    for _ in 0..<100_000 where received.count < bytes.count {
      if sent < bytes.count {
        switch meeting.server.send(bytes[sent..<min(sent + 50_000, bytes.count)]) {
        case .wrote(let count):
          sent += count
          #expect(meeting.server.output.boundCount == 0)
        case .wantsWrite:
          waits += 1
          #expect(meeting.server.output.boundCount == min(TLSWriteHalf.recordMaximum, bytes.count - sent))
        case .wantsRead, .failed: Issue.record("a writer waits for room alone")
        }
      }
      received += meeting.client.receive().bytes
    }
    #expect(waits > 0)
    #expect(received == bytes)
  }
}
