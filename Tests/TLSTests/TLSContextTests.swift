import Foundation
import TLS
import Testing

@Suite("A context")
struct TLSContextTests {
  let certificates: CertificateFolder

  init() throws { certificates = try CertificateFolder.shared() }

  @Test("A hub does not start with an edge's certificate, nor an edge with a hub's")
  func swappedFiles() throws {
    let hub = try certificates.identity("hub")
    let edge = try certificates.identity("edge-1")
    let asServer = #expect(throws: CredentialError.self) {
      try TLSContext.linkServer(identity: edge, authority: certificates.authority, alpn: "x")
    }
    #expect(
      asServer == CredentialError(file: edge.certificateFile, problem: .wrongPurpose(needed: "serverAuth")))
    let asClient = #expect(throws: CredentialError.self) {
      try TLSContext.linkClient(identity: hub, authority: certificates.authority, alpn: "x")
    }
    #expect(
      asClient == CredentialError(file: hub.certificateFile, problem: .wrongPurpose(needed: "clientAuth")))
  }

  @Test("An authority's file that is missing, or holds no certificate, is named in the error")
  func authority() throws {
    let missing = certificates.ours.appending(path: "none.pem").path
    #expect(throws: CredentialError(file: missing, problem: .missing)) {
      try TLSContext.client(authority: .file(missing))
    }
    let key = certificates.ours.appending(path: "ca.key").path
    #expect(throws: CredentialError(file: key, problem: .noCertificate)) {
      try TLSContext.client(authority: .file(key))
    }
  }

  @Test("Its dates are those of its certificate, and of the authority that is valid longest")
  func dates() throws {
    let now = Int64(Date().timeIntervalSince1970)
    #expect(try certificates.edge().dateProblem(at: now) == nil)
    let old = try certificates.identity("edge-old")
    let context = try TLSContext.linkClient(
      identity: old, authority: certificates.authority, alpn: CertificateFolder.alpn)
    #expect(context.dateProblem(at: now) == old.dateProblem(at: now))

    // The authority of `ours` is valid for ten years; `publicAuthorities` holds it and one that is valid for a day.
    let years = now + 20 * 365 * 86_400
    let days = now + 3 * 86_400
    let file = certificates.publicAuthorities
    let client = try TLSContext.client(authority: .file(file))
    #expect(client.dateProblem(at: now) == nil && client.dateProblem(at: days) == nil)
    #expect(client.dateProblem(at: years)?.file == file)
    #expect(client.dateProblem(at: 0)?.file == file)
    #expect(try TLSContext.client(authority: .systemStore).dateProblem(at: 0) == nil)
  }

  @Test("An authority's file may hold two authorities, as it does while one replaces the other")
  func twoAuthorities() throws {
    let both = certificates.root.appending(path: "both.pem")
    let files = [certificates.ours, certificates.theirs].map { $0.appending(path: "ca.pem") }
    try Data(files.map { try Data(contentsOf: $0) }.joined()).write(to: both)
    let hub = try TLSContext.linkServer(
      identity: certificates.identity("hub"), authority: both.path, alpn: CertificateFolder.alpn)
    for folder in [certificates.ours, certificates.theirs] {
      let edge = try TLSContext.linkClient(
        identity: certificates.identity("edge-1", in: folder), authority: certificates.authority,
        alpn: CertificateFolder.alpn)
      #expect(try Meeting(server: hub, client: edge).serverResult == .complete)
    }
  }
}
