import Foundation
import Testing

@testable import TLS

@Suite("Session tickets")
struct TicketKeysTests {
  let certificates: CertificateFolder
  private let file: String

  init() throws {
    certificates = try CertificateFolder.shared()
    file = certificates.root.appending(path: "ticket-\(UInt32.random(in: 0 ... .max))").path
  }

  /// Connects and receives a new ticket.
  private func begin(_ version: String, at context: TLSContext) throws {
    let visit = try OpenSSLClient(visiting: context, [version, "-sess_out", file])
    try #require(visit.result == .complete && !visit.session.isResumed, "\(visit.output)")
  }

  /// Reconnects with the ticket; true if the session is resumed. Keeps the new ticket, if there is one.
  private func resume(_ version: String, at context: TLSContext) throws -> Bool {
    let visit = try OpenSSLClient(visiting: context, [version, "-sess_in", file, "-sess_out", file])
    try #require(visit.result == .complete, "\(visit.output)")
    #expect(visit.output.contains("Reused, ") == visit.session.isResumed)
    return visit.session.isResumed
  }

  @Test("A client that reconnects with its ticket resumes", arguments: ["-tls1_2", "-tls1_3"])
  func resumption(version: String) throws {
    let context = try certificates.publicServer()
    try begin(version, at: context)
    #expect(try resume(version, at: context))
    #expect(try resume(version, at: context))
  }

  @Test("A ticket outlives the context that issued it", arguments: ["-tls1_2", "-tls1_3"])
  func reload(version: String) throws {
    let keys = TicketKeys([try TicketKey()])
    try begin(version, at: certificates.publicServer(ticketKeys: keys))
    #expect(try resume(version, at: certificates.publicServer("hub", ticketKeys: keys)))
  }

  @Test("A ticket of another process is ignored; the client gets a full handshake")
  func foreignTicket() throws {
    try begin("-tls1_3", at: certificates.publicServer())
    #expect(try !resume("-tls1_3", at: certificates.publicServer()))
  }

  @Test(
    "A ticket can be used as long as its key is there, sealing or not", arguments: ["-tls1_2", "-tls1_3"])
  func rotation(version: String) throws {
    let first = try TicketKey()
    let keys = TicketKeys([first])
    let context = try certificates.publicServer(ticketKeys: keys)
    try begin(version, at: context)
    keys.use([try TicketKey(), try TicketKey(), first])
    #expect(try resume(version, at: context))
    try begin(version, at: context)
    keys.use([try TicketKey()])
    #expect(try !resume(version, at: context))
  }

  @Test("Servers that have the same secrets resume each other's sessions", arguments: ["-tls1_2", "-tls1_3"])
  func shared(version: String) throws {
    let secret = (0..<TicketKey.secretCount).map { _ in UInt8.random(in: 0...255) }
    let one = try certificates.publicServer(ticketKeys: TicketKeys([TicketKey(secret: secret)]))
    let other = try certificates.publicServer(
      "hub", ticketKeys: TicketKeys([try TicketKey(), TicketKey(secret: secret)]))
    try begin(version, at: one)
    #expect(try resume(version, at: other))
    // The name alone opens nothing.
    var wrong = secret
    wrong[TicketKey.secretCount - 1] ^= 1
    try begin(version, at: one)
    #expect(
      try !resume(version, at: certificates.publicServer(ticketKeys: TicketKeys([TicketKey(secret: wrong)]))))
  }

  @Test("A ticket of the public listener opens neither the link nor the admin listener")
  func otherListeners() throws {
    try begin("-tls1_3", at: certificates.publicServer())
    let identity = try certificates.identity("hub")
    let link = try TLSContext.linkServer(
      identity: identity, authority: certificates.authority, alpn: CertificateFolder.alpn)
    let admin = try TLSContext.adminServer(
      identity: identity, authority: certificates.authority, alpn: ["http/1.1"])
    let folder = certificates.ours
    let edge = [
      "-cert", folder.appending(path: "edge-1.pem").path, "-key", folder.appending(path: "edge-1.key").path,
      "-alpn",
    ]
    for (context, alpn) in [(link, CertificateFolder.alpn), (admin, "http/1.1")] {
      let visit = try OpenSSLClient(visiting: context, ["-tls1_3", "-sess_in", file] + edge + [alpn])
      #expect(visit.result == .complete && !visit.session.isResumed, "\(visit.output)")
    }
  }

  @Test("A client that resumes in time gets a new ticket each time, and can continue for ever")
  func renewal() throws {
    let keys = TicketKeys([try TicketKey()])
    let context = try certificates.publicServer(ticketKeys: keys)
    try begin("-tls1_3", at: context)
    for _ in 0..<5 {
      keys.use([try TicketKey(), keys.newest])
      #expect(try resume("-tls1_3", at: context))
    }
  }

  @Test("A client of TLS 1.3 that resumes gets a new ticket, also while the key of the old one is in use")
  func renewalWithTheSameKey() throws {
    let context = try certificates.publicServer()
    try begin("-tls1_3", at: context)
    for _ in 0..<3 {
      let visit = try OpenSSLClient(
        visiting: context, ["-tls1_3", "-sess_in", file, "-sess_out", file, "-msg"])
      #expect(visit.session.isResumed)
      #expect(visit.output.contains("NewSessionTicket"), "\(visit.output)")
    }
  }

  @Test("In TLS 1.2, where a ticket may be used again, a new one is issued when its key has been replaced")
  func renewalInTLS12() throws {
    // OpenSSL's client does not store the new ticket here, so it is only checked that it was sent.
    let keys = TicketKeys([try TicketKey()])
    let context = try certificates.publicServer(ticketKeys: keys)
    try begin("-tls1_2", at: context)
    for isReplaced in [false, true] {
      if isReplaced { keys.use([try TicketKey(), keys.newest]) }
      let visit = try OpenSSLClient(visiting: context, ["-tls1_2", "-sess_in", file, "-msg"])
      #expect(visit.session.isResumed)
      #expect(visit.output.contains("NewSessionTicket") == isReplaced)
    }
  }

  @Test("A ticket with one bit changed is ignored")
  func damage() throws {
    let context = try certificates.publicServer()
    try begin("-tls1_2", at: context)
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let lines = text.split(separator: "\n").map(String.init)
    var session = try #require(Data(base64Encoded: lines.dropFirst().dropLast().joined()))
    // OpenSSL's session file ends with the ticket, except for a few fields of a byte or two.
    session[session.count - 40] ^= 1
    let body = session.base64EncodedString(options: .lineLength64Characters)
    try [lines[0], body, lines[lines.count - 1], ""].joined(separator: "\n")
      .write(toFile: file, atomically: true, encoding: .utf8)
    #expect(try !resume("-tls1_2", at: context))
  }

  @Test("A ticket lives for two hours: as long as its key is kept")
  func lifetime() throws {
    #expect(TicketKeys.ticketLifetime == .seconds(7_200))
    let visit = try OpenSSLClient(visiting: certificates.publicServer(), ["-tls1_2"])
    #expect(visit.output.contains("TLS session ticket lifetime hint: 7200 (seconds)"))
  }
}
