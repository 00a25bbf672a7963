import Foundation
import TLS
import Testing

@Suite("A server for operators")
struct AdminServerTests {
  let certificates: CertificateFolder

  init() throws { certificates = try CertificateFolder.shared() }

  private func server(knowsClients: Bool = true) throws -> TLSContext {
    // Operators have a different authority than the deployment.
    try .adminServer(
      identity: certificates.identity("hub"),
      authority: knowsClients ? certificates.theirs.appending(path: "ca.pem").path : nil, alpn: ["http/1.1"])
  }

  private func client(_ identity: Identity?) throws -> TLSContext {
    try .client(authority: .file(certificates.ours.appending(path: "ca.pem").path), identity: identity)
  }

  @Test("A client without a certificate is accepted as anonymous")
  func nobody() throws {
    for knowsClients in [true, false] {
      let meeting = try Meeting(server: server(knowsClients: knowsClients), client: client(nil))
      #expect(meeting.serverResult == .complete)
      #expect(meeting.server.peer == nil)
    }
  }

  @Test("A client with a certificate of the operators' authority is identified by it")
  func known() throws {
    let identity = try certificates.identity("edge-1", in: certificates.theirs)
    let meeting = try Meeting(server: server(), client: client(identity))
    #expect(meeting.serverResult == .complete)
    #expect(meeting.server.peer == identity.certificate)
    // If no certificate is requested, none is sent.
    let other = try Meeting(server: server(knowsClients: false), client: client(identity))
    #expect(other.server.peer == nil)
  }

  @Test("Any other certificate is refused, even an edge's", arguments: ["edge-1", "edge-old", "hub"])
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
