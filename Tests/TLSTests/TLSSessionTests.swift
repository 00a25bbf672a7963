import TLS
import Testing

@Suite("A session on the link")
struct TLSSessionTests {
  let certificates: CertificateFolder

  init() throws { certificates = try CertificateFolder.shared() }

  @Test("Hub and edge of one deployment agree, and each knows the other's name")
  func goodLink() throws {
    let meeting = try Meeting(server: certificates.hub(), client: certificates.edge())
    #expect(meeting.serverResult == .complete)
    #expect(meeting.clientResult == .complete)
    #expect(meeting.server.peer?.names == ["edge-1"])
    #expect(meeting.client.peer?.names == ["localhost"])
    for session in [meeting.server, meeting.client] {
      #expect(session.isEstablished)
      #expect(session.version == "TLSv1.3")
      #expect(session.cipher == "TLS_AES_128_GCM_SHA256")
      #expect(session.protocolName == CertificateFolder.alpn)
      #expect(!session.hasPending)
    }
    #expect(meeting.server.peer == (try certificates.identity("edge-1").certificate))
  }

  @Test(
    "A hub is accepted under each of its names and addresses",
    arguments: ["localhost", "LocalHost", "127.0.0.1", "::1"])
  func hubNames(name: String) throws {
    let meeting = try Meeting(server: certificates.hub(), client: certificates.edge(), name: name)
    #expect(meeting.clientResult == .complete)
    #expect(meeting.serverResult == .complete)
  }

  @Test(
    "A client sends the server's name, but never an address",
    arguments: [("localhost", true), ("127.0.0.1", false)])
  func serverNameIndication(name: String, isSent: Bool) throws {
    let hello = try SocketPair.hello(of: certificates.edge(), name: name)
    #expect(String(decoding: hello, as: UTF8.self).contains(name) == isSent)
  }

  @Test("Nothing is known of the peer before the handshake, and a silent peer is waited for")
  func beforeHandshake() throws {
    let sockets = try SocketPair()
    let session = try TLSSession(accepting: sockets.server, context: certificates.hub())
    #expect(session.handshake() == .wantsRead)
    #expect(session.peer == nil)
    #expect(session.protocolName == nil)
    #expect(session.cipher == nil)
    #expect(!session.isEstablished)
  }

  @Test("A complete handshake stays complete when called again")
  func completeTwice() throws {
    let meeting = try Meeting(server: certificates.hub(), client: certificates.edge())
    #expect(meeting.client.handshake() == .complete)
  }

  @Test("The hub resumes nothing: it sends no ticket after the handshake")
  func noTickets() throws {
    let meeting = try Meeting(server: certificates.hub(), client: certificates.edge())
    #expect(meeting.clientResult == .complete)
    #expect(!meeting.sockets.hasBytesForClient)
  }

  @Test("A client of another server speaks TLS 1.2 too, with forward secrecy")
  func olderServer() throws {
    var policy = TLSPolicy(
      role: .server, minimumVersion: .tls12, applicationProtocols: [], demandsPurpose: false)
    policy.maximumVersion = .tls12
    let authority = Authority.file(certificates.authority)
    let server = try TLSContext(policy: policy, identity: certificates.identity("hub"), authority: authority)
    let client = try TLSContext.client(authority: authority, identity: certificates.identity("edge-1"))
    let meeting = try Meeting(server: server, client: client)
    #expect(meeting.clientResult == .complete)
    #expect(meeting.client.version == "TLSv1.2")
    #expect(meeting.client.cipher?.hasPrefix("ECDHE-ECDSA-AES") == true)
    #expect(meeting.client.protocolName == nil)
  }
}
