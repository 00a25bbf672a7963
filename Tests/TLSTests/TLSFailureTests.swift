import Foundation
import TLS
import TestSupport
import Testing

@Suite("A peer that is refused")
struct TLSFailureTests {
  let certificates: CertificateFolder

  init() throws { certificates = try CertificateFolder.shared() }

  /// An edge's context without some of the usual checks.
  private func edge(
    _ identity: Identity?, change: (inout TLSPolicy) -> Void = { _ in }
  ) throws -> TLSContext {
    var policy = TLSPolicy.linkClient(alpn: CertificateFolder.alpn)
    policy.demandsPurpose = false
    change(&policy)
    return try TLSContext(policy: policy, identity: identity, authority: .file(certificates.authority))
  }

  /// The same for a hub.
  private func hub(
    _ identity: Identity?, change: (inout TLSPolicy) -> Void = { _ in }
  ) throws -> TLSContext {
    var policy = TLSPolicy.linkServer(alpn: CertificateFolder.alpn)
    policy.demandsPurpose = false
    change(&policy)
    return try TLSContext(policy: policy, identity: identity, authority: .file(certificates.authority))
  }

  /// In TLS 1.3 a refused client has completed its handshake: the refusal comes with its first read.
  private func expectAlert(_ text: String, at client: TLSSession) throws {
    let failure = try #require(client.receive().result.failure)
    #expect(failure.reason == .peerAlert)
    #expect(failure.description.contains(text), "\(failure)")
    #expect(client.send([1]) == .failed(failure), "a failed session stays failed")
  }

  @Test("An edge without a certificate is refused, and told the reason")
  func noCertificate() throws {
    let meeting = try Meeting(server: certificates.hub(), client: edge(nil))
    #expect(meeting.serverResult == .failed(TLSFailure(.noPeerCertificate, "the peer showed no certificate")))
    try expectAlert("certificate required", at: meeting.client)
  }

  @Test("An edge of another deployment is refused, even with a name of this one")
  func otherAuthority() throws {
    let meeting = try Meeting(
      server: certificates.hub(), client: edge(certificates.identity("edge-1", in: certificates.theirs)))
    let text = "the certificate of edge-1 is not signed by an authority in \(certificates.authority)"
    #expect(meeting.serverResult == .failed(TLSFailure(.unknownAuthority, text)))
    try expectAlert("unknown ca", at: meeting.client)
  }

  @Test("An edge whose certificate has expired is refused, with the date")
  func expired() throws {
    let identity = try certificates.identity("edge-old")
    let meeting = try Meeting(server: certificates.hub(), client: edge(identity))
    let failure = try #require(meeting.serverResult.failure)
    #expect(failure.reason == .expired)
    #expect(failure.description.hasPrefix("the certificate of edge-old expired on 20"))
    #expect(failure.description.hasSuffix(":\(twoDigits(identity.certificate.notAfter % 60)) UTC"))
    try expectAlert("certificate expired", at: meeting.client)
  }

  private func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

  @Test("An edge whose certificate is not valid yet is refused")
  func notYetValid() throws {
    let meeting = try Meeting(server: certificates.hub(), client: edge(certificates.identity("edge-young")))
    let failure = try #require(meeting.serverResult.failure)
    #expect(failure.reason == .notYetValid)
    #expect(failure.description.hasPrefix("the certificate of edge-young is not valid before 20"))
  }

  @Test(
    "A certificate that does not name the purpose of a client is refused", arguments: ["hub", "edge-plain"])
  func wrongPurposeOfClient(name: String) throws {
    let meeting = try Meeting(server: certificates.hub(), client: edge(certificates.identity(name)))
    let failure = try #require(meeting.serverResult.failure)
    #expect(failure.reason == .wrongPurpose)
    #expect(failure.description.hasSuffix("lacks clientAuth in its extended key usage"))
    try expectAlert("unsupported certificate", at: meeting.client)
  }

  @Test(
    "A certificate that does not name the purpose of a server is refused",
    arguments: [("edge-1", "edge-1"), ("edge-plain", "localhost")])
  func wrongPurposeOfServer(identity: String, name: String) throws {
    let meeting = try Meeting(
      server: hub(certificates.identity(identity)), client: certificates.edge(), name: name)
    let failure = try #require(meeting.clientResult.failure)
    #expect(failure.reason == .wrongPurpose)
    #expect(
      failure.description == "the certificate of \(identity) lacks serverAuth in its extended key usage")
    #expect(meeting.serverReason == .peerAlert)
  }

  @Test(
    "A hub under another name or address is refused",
    arguments: ["hub.example", "ocalhost", "127.0.0.2", "::2"])
  func wrongName(name: String) throws {
    let meeting = try Meeting(server: certificates.hub(), client: certificates.edge(), name: name)
    let text = "the certificate of localhost is not valid for the name \(name)"
    #expect(meeting.clientResult == .failed(TLSFailure(.nameMismatch, text)))
    #expect(meeting.serverReason == .peerAlert)
  }

  @Test("A hub of another deployment is refused")
  func falseHub() throws {
    let identity = try certificates.identity("hub", in: certificates.theirs)
    let meeting = try Meeting(server: hub(identity), client: certificates.edge())
    #expect(meeting.clientReason == .unknownAuthority)
    #expect(meeting.serverReason == .peerAlert)
  }

  @Test("The system's authorities do not include the deployment's")
  func systemStore() throws {
    let meeting = try Meeting(server: certificates.hub(), client: .client(authority: .systemStore))
    #expect(meeting.clientReason == .unknownAuthority)
    #expect(
      meeting.clientResult.failure?.description.hasSuffix("an authority that this system trusts") == true)
  }

  @Test("An edge that speaks another application protocol is refused, and told the reason")
  func otherProtocol() throws {
    let client = try edge(certificates.identity("edge-1")) {
      $0.applicationProtocols = ["emojitrack-relay/2"]
    }
    let meeting = try Meeting(server: certificates.hub(), client: client)
    #expect(
      meeting.serverResult
        == .failed(TLSFailure(.alpnMismatch, "the peer does not speak emojitrack-relay/1 (ALPN)")))
    #expect(meeting.clientReason == .peerAlert)
    #expect(meeting.clientResult.failure?.description.contains("no application protocol") == true)
  }

  @Test("An edge that names no application protocol is refused")
  func noProtocolOfClient() throws {
    let client = try edge(certificates.identity("edge-1")) {
      $0.applicationProtocols = []
      $0.demandsProtocol = false
    }
    let meeting = try Meeting(server: certificates.hub(), client: client)
    #expect(meeting.serverReason == .alpnMismatch)
    #expect(!meeting.server.isEstablished)
    #expect(meeting.client.receive().result == .closed)
  }

  @Test("A hub that names no application protocol is refused")
  func noProtocolOfServer() throws {
    let server = try hub(certificates.identity("hub")) {
      $0.applicationProtocols = []
      $0.demandsProtocol = false
    }
    let meeting = try Meeting(server: server, client: certificates.edge())
    #expect(meeting.clientReason == .alpnMismatch)
  }

  @Test("An edge limited to TLS 1.2 is refused")
  func olderClient() throws {
    let client = try edge(certificates.identity("edge-1")) {
      $0.minimumVersion = .tls12
      $0.maximumVersion = .tls12
    }
    let meeting = try Meeting(server: certificates.hub(), client: client)
    #expect(
      meeting.serverResult
        == .failed(TLSFailure(.protocolVersion, "the peer does not speak TLS 1.3 or newer")))
    #expect(meeting.clientReason == .peerAlert)
  }

  @Test("A hub limited to TLS 1.2 is refused")
  func olderServer() throws {
    let server = try hub(certificates.identity("hub")) {
      $0.minimumVersion = .tls12
      $0.maximumVersion = .tls12
    }
    let meeting = try Meeting(server: server, client: certificates.edge())
    #expect(meeting.serverReason == .protocolVersion)
    #expect(meeting.clientReason == .peerAlert)
  }

  @Test(
    "Bytes that are not TLS are refused",
    arguments: [
      "GET / HTTP/1.1\r\n\r\n", "CONNECT localhost:443 HTTP/1.1\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n",
      "PING\r\nPING\r\n", "\u{16}\u{3}\u{1}\u{7F}\u{7F}garbage", "\u{17}\u{3}\u{3}\u{0}\u{4}data",
      "\u{16}\u{3}\u{1}\u{0}\u{4}\u{9}\u{0}\u{0}\u{0}", String(repeating: "\u{0}", count: 64),
    ])
  func garbage(text: String) throws {
    let sockets = try SocketPair()
    let session = try TLSSession(accepting: sockets.server, context: certificates.hub())
    try sockets.sendRaw(Array(text.utf8), from: sockets.client)
    #expect(session.handshake().failure?.reason == .notTLS, "\(session.handshake())")
  }

  @Test("A server that answers without TLS is refused")
  func garbageFromServer() throws {
    let sockets = try SocketPair()
    let name = try #require(ServerName("localhost"))
    let session = try TLSSession(connecting: sockets.client, to: name, context: certificates.edge())
    #expect(session.handshake() == .wantsRead)
    try sockets.sendRaw(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8), from: sockets.server)
    #expect(session.handshake().failure?.reason == .notTLS)
  }

  @Test("Random bytes never pass, and only cause a refusal or a wait")
  func randomBytes() throws {
    var random = SeededGenerator(seed: 20_250_131)
    let context = try certificates.hub()
    for _ in 0..<500 {
      let sockets = try SocketPair()
      let session = try TLSSession(accepting: sockets.server, context: context)
      // Half of them begin like a real handshake record, to get further.
      let head: [UInt8] =
        Bool.random(using: &random) ? [22, 3, 1, 0, .random(in: 0...80, using: &random), 1] : []
      let body = (0..<Int.random(in: 1...100, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      try sockets.sendRaw(head + body, from: sockets.client)
      let result = session.handshake()
      #expect(result == .wantsRead || result.failure != nil)
    }
  }

  @Test("A hello with one byte changed is refused or answered, and never ends in a session")
  func damagedHello() throws {
    var random = SeededGenerator(seed: 20_250_201)
    let context = try certificates.hub()
    let hello = try SocketPair.hello(of: certificates.edge(), name: "localhost")
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

  @Test("A peer that hangs up during the handshake counts as a reset")
  func hangUp() throws {
    let sockets = try SocketPair()
    let name = try #require(ServerName("localhost"))
    let session = try TLSSession(connecting: sockets.client, to: name, context: certificates.edge())
    #expect(session.handshake() == .wantsRead)
    sockets.closeServer()
    #expect(session.handshake().failure?.reason == .reset)
  }

  @Test("One session's failure does not affect another one on the same thread")
  func separateFailures() throws {
    let good = try Meeting(server: certificates.hub(), client: certificates.edge())
    let bad = try Meeting(server: certificates.hub(), client: edge(nil))
    #expect(bad.serverReason == .noPeerCertificate)
    #expect(good.server.receive().result == .wantsRead)
    #expect(good.client.send([7]) == .wrote(1))
    #expect(good.server.receive().bytes == [7])
  }

  @Test("Every reason is a valid word for a metric label")
  func words() {
    for reason in TLSFailure.Reason.allCases {
      #expect(reason.rawValue.allSatisfy { $0.isLowercase || $0 == "-" })
    }
  }
}
