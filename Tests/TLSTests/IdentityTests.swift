import Foundation
import TLS
import Testing

@Suite("An identity")
struct IdentityTests {
  let certificates: CertificateFolder

  init() throws { certificates = try CertificateFolder.shared() }

  private func path(_ name: String) -> String { certificates.ours.appending(path: name).path }

  /// The error for a pair of files in the deployment.
  private func problem(_ certificate: String, _ key: String) -> CredentialError? {
    #expect(throws: CredentialError.self) {
      try Identity(certificateFile: path(certificate), keyFile: path(key))
    }
  }

  /// A file in the deployment's folder with this content and mode.
  private func file(_ name: String, _ content: String, mode: Int = 0o600) throws -> String {
    let url = certificates.ours.appending(path: name)
    try Data(content.utf8).write(to: url)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path)
    return name
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: certificates.ours.appending(path: name), encoding: .utf8)
  }

  @Test("A good pair gives its holder, purpose and validity")
  func goodPair() throws {
    let identity = try Identity(certificateFile: path("edge-1.pem"), keyFile: path("edge-1.key"))
    #expect(identity.certificate.names == ["edge-1"])
    #expect(identity.certificate.purposes == .client)
    #expect(identity.certificate.notAfter - identity.certificate.notBefore == 30 * 86_400 + 3_600)
  }

  @Test("A byte order mark before a certificate or a key is skipped, as in OpenSSL 3")
  func byteOrderMark() throws {
    let certificate = try file("marked.pem", "\u{feff}" + text("edge-1.pem"))
    let key = try file("marked.key", "\u{feff}" + text("edge-1.key"))
    let identity = try Identity(certificateFile: path(certificate), keyFile: path(key))
    #expect(identity.certificate.names == ["edge-1"])
    #expect(try problem(file("only-a-mark.pem", "\u{feff}"), "edge-1.key")?.problem == .noCertificate)
  }

  @Test("A missing file is named")
  func missing() {
    #expect(problem("none.pem", "edge-1.key") == CredentialError(file: path("none.pem"), problem: .missing))
    #expect(problem("edge-1.pem", "none.key") == CredentialError(file: path("none.key"), problem: .missing))
  }

  @Test("A folder is not a file")
  func folder() {
    #expect(problem("../ours", "edge-1.key")?.problem == .unreadable("it is not a plain file"))
  }

  @Test("A path through a file cannot be read")
  func unreadable() {
    #expect(problem("edge-1.pem/x", "edge-1.key")?.problem == .unreadable("Not a directory"))
  }

  @Test(
    "A file that holds no certificate is refused",
    arguments: ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
  func noCertificate(content: String) throws {
    let name = try file("text-\(content.count).pem", content)
    #expect(problem(name, "edge-1.key")?.problem == .noCertificate)
  }

  @Test("A good certificate followed by a broken one is refused")
  func brokenChain() throws {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    let name = try file("broken-chain.pem", text("edge-1.pem") + broken)
    #expect(problem(name, "edge-1.key")?.problem == .noCertificate)
  }

  @Test("A certificate where the key should be is refused")
  func noKey() throws {
    let name = try file("certificate.key", text("edge-1.pem"))
    #expect(problem("edge-1.pem", name)?.problem == .noKey)
  }

  @Test("An encrypted key is refused without asking for its passphrase")
  func encryptedKey() {
    #expect(problem("edge-1.pem", "encrypted.key")?.problem == .encryptedKey)
  }

  @Test("The key of another certificate is refused")
  func mismatch() {
    let problem = problem("edge-1.pem", "edge-2.key")
    #expect(problem?.file == path("edge-2.key"))
    #expect(problem?.problem == .keyMismatch(certificateFile: path("edge-1.pem")))
  }

  @Test("A key that others can read is refused", arguments: [0o644, 0o604, 0o660, 0o666, 0o601])
  func exposed(mode: Int) throws {
    let name = try file("exposed-\(mode).key", text("edge-1.key"), mode: mode)
    let octal = String(mode, radix: 8)
    #expect(problem("edge-1.pem", name)?.problem == .exposed("can be read by others (mode 0\(octal))"))
  }

  @Test("Only root may open a key to one group")
  func groupReadable() throws {
    let name = try file("group.key", text("edge-1.key"), mode: 0o640)
    let identity = try? Identity(certificateFile: path("edge-1.pem"), keyFile: path(name))
    let isRoot = geteuid() == 0
    #expect((identity != nil) == isRoot)
  }

  @Test("Dates are judged at a given moment, not when the files are read")
  func dates() throws {
    let now = Int64(Date().timeIntervalSince1970)
    let old = try certificates.identity("edge-old")
    #expect(
      old.dateProblem(at: now)
        == CredentialError(
          file: path("edge-old.pem"), problem: .expired(notAfter: old.certificate.notAfter)))
    let young = try certificates.identity("edge-young")
    let notBefore = young.certificate.notBefore
    #expect(young.dateProblem(at: now)?.problem == .notYetValid(notBefore: notBefore))
    #expect(young.dateProblem(at: notBefore - 1) != nil && young.dateProblem(at: notBefore) == nil)
    let notAfter = young.certificate.notAfter
    #expect(young.dateProblem(at: notAfter - 1) == nil && young.dateProblem(at: notAfter) != nil)
  }

  @Test("A file too long to be a certificate is refused unread")
  func tooLarge() throws {
    let name = try file("large.pem", String(repeating: "x", count: (1 << 20) + 1))
    #expect(problem(name, "edge-1.key")?.problem == .tooLarge(limit: 1 << 20))
  }
}
