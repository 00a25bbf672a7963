import Foundation
import TLS
import Testing

@Suite("A server for those who run it")
struct AdminServerTests {
  let certificates: CertificateFolder

  init() throws { certificates = try CertificateFolder.shared() }

  private func server(knowsClients: Bool = true) throws -> TLSContext {
    // Operators have another authority than the deployment.
    try .adminServer(
      identity: certificates.identity("hub"),
      authority: knowsClients ? certificates.theirs.appending(path: "ca.pem").path : nil, alpn: ["http/1.1"])
  }

  private func client(_ identity: Identity?) throws -> TLSContext {
    try .client(authority: .file(certificates.ours.appending(path: "ca.pem").path), identity: identity)
  }

  @Test("Who shows no certificate is let in, and known to be nobody")
  func nobody() throws {
    for knowsClients in [true, false] {
      let meeting = try Meeting(server: server(knowsClients: knowsClients), client: client(nil))
      #expect(meeting.serverResult == .complete)
      #expect(meeting.server.peer == nil)
    }
  }

  @Test("Who shows one that the operators' authority signed is known by it")
  func known() throws {
    let identity = try certificates.identity("edge-1", in: certificates.theirs)
    let meeting = try Meeting(server: server(), client: client(identity))
    #expect(meeting.serverResult == .complete)
    #expect(meeting.server.peer == identity.certificate)
    // Where no certificate is asked for, none is shown.
    let other = try Meeting(server: server(knowsClients: false), client: client(identity))
    #expect(other.server.peer == nil)
  }

  @Test("Any other certificate is refused, an edge's above all", arguments: ["edge-1", "edge-old", "hub"])
  func refused(name: String) throws {
    let folder = name == "hub" ? certificates.theirs : certificates.ours
    let meeting = try Meeting(server: server(), client: client(certificates.identity(name, in: folder)))
    guard case .failed = meeting.serverResult else {
      Issue.record("\(name) was let in")
      return
    }
    #expect(meeting.server.peer == nil)
  }
}
