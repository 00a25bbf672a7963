import Foundation
import TLS
import Testing

@Suite("The chain of an identity")
struct IdentityChainTests {
  let certificates: CertificateFolder

  init() throws { certificates = try CertificateFolder.shared() }

  @Test("A certificate leads to the authority that signed it, for its purpose, and to no other")
  func authority() throws {
    let ours = certificates.ours.appending(path: "ca.pem").path
    let theirs = certificates.theirs.appending(path: "ca.pem").path
    let hub = try certificates.identity("hub")
    #expect(try hub.chainProblem(authority: ours, purpose: .server) == nil)
    #expect(try hub.chainProblem(authority: theirs, purpose: .server) != nil)
    #expect(try hub.chainProblem(authority: ours, purpose: .client) != nil)
    #expect(try certificates.identity("edge-1").chainProblem(authority: ours, purpose: .client) == nil)
    #expect(throws: CredentialError.self) {
      try hub.chainProblem(authority: "/nonexistent", purpose: .server)
    }
  }
}
