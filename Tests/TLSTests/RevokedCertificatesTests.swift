import Foundation
import TestSupport
import Testing

@testable import TLS

@Suite("Revoked certificates")
struct RevokedCertificatesTests {
  let certificates: CertificateFolder
  let authority: RevokingAuthority
  let folder: URL

  init() throws {
    certificates = try CertificateFolder.shared()
    folder = certificates.root.appending(path: "revoking-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    authority = try RevokingAuthority(certificates.ours, in: folder)
  }

  private func certificate(_ name: String, in other: URL? = nil) -> URL {
    (other ?? certificates.ours).appending(path: "\(name).pem")
  }

  private func hub() throws -> TLSContext {
    try .linkServer(
      identity: certificates.identity("hub"), authority: certificates.authority,
      revocations: authority.list.path, alpn: CertificateFolder.alpn)
  }

  private func edge(_ name: String, revocations: String? = nil) throws -> TLSContext {
    try .linkClient(
      identity: certificates.identity(name), authority: certificates.authority, revocations: revocations,
      alpn: CertificateFolder.alpn)
  }

  /// The problem of a file, as a hub finds it at its start.
  private var problem: CredentialError.Problem? {
    do {
      _ = try hub()
      return nil
    } catch {
      return (error as? CredentialError)?.problem
    }
  }

  @Test(
    "An edge on the list is refused by its name and told so, another one is not, and a hub is judged the same way"
  )
  func refused() throws {
    try authority.revoke(certificate("edge-2"))
    try authority.publish()
    let context = try hub()
    let meeting = try Meeting(server: context, client: edge("edge-2"))
    let text = "the certificate of edge-2 is revoked"
    #expect(meeting.serverResult == .failed(TLSFailure(.revoked, text)))
    #expect(try #require(meeting.client.receive().result.failure).description.contains("certificate revoked"))
    #expect(try Meeting(server: context, client: edge("edge-1")).serverResult == .complete)

    try authority.revoke(certificate("hub"))
    try authority.publish()
    let distrustful = try edge("edge-1", revocations: authority.list.path)
    let other = try Meeting(server: certificates.hub(), client: distrustful)
    #expect(other.clientResult == .failed(TLSFailure(.revoked, "the certificate of localhost is revoked")))
  }

  @Test("A certificate that was accepted can be checked against a later list")
  func later() throws {
    try authority.publish()
    let before = try hub()
    let peer = try certificates.identity("edge-2").certificate
    #expect(!before.revoked.contains(peer))
    try authority.revoke(certificate("edge-2"))
    try authority.publish()
    #expect(try hub().revoked.contains(peer))
    #expect(try !hub().revoked.contains(certificates.identity("edge-1").certificate))
    // Another authority of the same name uses numbers of its own.
    let foreign = try certificates.identity("edge-1", in: certificates.theirs).certificate
    #expect(try !hub().revoked.contains(foreign))
  }

  @Test("A list that has expired still counts, and keeps no other certificate out")
  func expired() throws {
    try authority.revoke(certificate("edge-2"))
    try authority.publish()
    // Its next update was due in 1970: OpenSSL alone would then refuse everybody.
    try authority.publish(due: "700101000001Z")
    #expect(try Meeting(server: hub(), client: edge("edge-1")).serverResult == .complete)
    #expect(try hub().revoked.contains(certificates.identity("edge-2").certificate))
  }

  @Test("A file that is missing, holds no list, a broken one, or one of another authority is refused")
  func bad() throws {
    #expect(problem == .missing)
    try FileManager.default.copyItem(at: certificate("ca"), to: authority.list)
    #expect(problem == .noRevocationList)
    try authority.publish()
    #expect(problem == nil)
    let good = try String(contentsOf: authority.list, encoding: .utf8)
    try (good + good.replacing("M", with: "!")).write(to: authority.list, atomically: true, encoding: .utf8)
    #expect(problem == .noRevocationList)

    let other = folder.appending(path: "theirs")
    try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
    let theirs = try RevokingAuthority(certificates.theirs, in: other)
    try theirs.publish()
    let foreign = try String(contentsOf: theirs.list, encoding: .utf8)
    try (good + foreign).write(to: authority.list, atomically: true, encoding: .utf8)
    #expect(problem == .foreignRevocationList)
  }
}
