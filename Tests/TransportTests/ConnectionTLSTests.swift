import Primitives
import TLS
import Testing
import Transport

@testable import Reactor

@Suite("A connection that TLS refuses")
struct ConnectionTLSTests {
  let certificates: CertificateFolder

  init() throws { certificates = try CertificateFolder.shared() }

  private func client(_ context: TLSContext, to name: String = "localhost") throws -> Security {
    .tlsClient(context, try #require(ServerName(name)))
  }

  private func failure(_ recorder: ConnectionRecorder) throws -> TLSFailure {
    try #require(recorder.ends.count == 1)
    guard case .tls(let failure) = recorder.ends[0] else {
      Issue.record("\(recorder.ends[0])")
      throw Overdue(location: #_sourceLocation)
    }
    return failure
  }

  @Test(
    "A hub refuses an edge of another deployment, and both get the reason, however much the edge sends meanwhile",
    arguments: [0, 10, 2 << 20])
  func foreignEdge(count: Int) throws {
    let meeting = try Meeting(over: .tls, client: client(certificates.edge(of: "theirs")))
    meeting.client.onOpening = { $0.send(pattern(count)) }
    meeting.dial()
    try meeting.loop.turn { !meeting.server.ends.isEmpty && !meeting.client.ends.isEmpty }
    let text = "the certificate of edge-1 is not signed by an authority in \(certificates.authority)"
    #expect(try failure(meeting.server) == TLSFailure(.unknownAuthority, text))
    #expect(
      try failure(meeting.client) == TLSFailure(.peerAlert, "the peer refused us: unknown ca (TLS alert 48)"))
    #expect(meeting.server.openings == 0)
    #expect(meeting.server.received == [])
  }

  @Test("A hub refuses an edge without a certificate, and both get the reason")
  func noCertificate() throws {
    let context = try TLSContext.client(authority: .file(certificates.authority))
    let meeting = try Meeting(over: .tls, client: client(context))
    meeting.dial()
    try meeting.loop.turn { !meeting.server.ends.isEmpty && !meeting.client.ends.isEmpty }
    #expect(try failure(meeting.server).reason == .noPeerCertificate)
    #expect(try failure(meeting.client).description.contains("certificate required"))
  }

  @Test("An edge refuses a hub of another name, and both get the reason")
  func wrongName() throws {
    let meeting = try Meeting(over: .tls, client: client(certificates.edge(), to: "hub.example"))
    meeting.dial()
    try meeting.loop.turn { !meeting.server.ends.isEmpty && !meeting.client.ends.isEmpty }
    #expect(try failure(meeting.client).reason == .nameMismatch)
    #expect(try failure(meeting.server).reason == .peerAlert)
    #expect(meeting.client.openings == 0)
  }

  @Test("Bytes that are not TLS are refused, at once or in pieces", arguments: [1, 20, 100_000])
  func garbage(count: Int) throws {
    let meeting = try Meeting(over: .tls)
    let client = try meeting.rawClient()
    let bytes = [UInt8](repeating: 0x58, count: count)
    guard case .moved(let sent) = Socket.send(client.number, bytes) else {
      Issue.record("nothing was sent")
      return
    }
    if sent == 1 { Socket.shutdownWriting(client.number) }
    try meeting.loop.turn { !meeting.server.ends.isEmpty }
    #expect(try failure(meeting.server).reason == (count == 1 ? .reset : .notTLS))
  }
}
