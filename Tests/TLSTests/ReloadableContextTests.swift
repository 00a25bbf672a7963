import Foundation
import TLS
import Testing

@Suite("A context that follows its files")
struct ReloadableContextTests {
  private let certificates: CertificateFolder
  private let folder: URL

  init() throws {
    certificates = try CertificateFolder.shared()
    folder = certificates.root.appending(path: "reload-\(UInt32.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try put("hub.pem", as: "own.pem")
    try put("hub.key", as: "own.key")
  }

  private func path(_ name: String) -> String { folder.appending(path: name).path }

  /// Replaces a file with a copy from a deployment atomically, by renaming.
  private func put(_ source: String, as name: String) throws {
    let manager = FileManager.default
    try manager.copyItem(atPath: certificates.ours.appending(path: source).path, toPath: path("new"))
    try #require(unsafe rename(path("new"), path(name)) == 0)
  }

  private func context(ticketKeys: TicketKeys? = nil) throws -> ReloadableContext {
    try .server(
      certificateFile: path("own.pem"), keyFile: path("own.key"), alpn: ["http/1.1"],
      ticketKeys: ticketKeys ?? TicketKeys([TicketKey()]))
  }

  @Test("Unchanged files keep one context")
  func steady() throws {
    var reloadable = try context()
    let first = reloadable.context
    for _ in 0..<3 { #expect(reloadable.checkForChanges() == .unchanged) }
    #expect(reloadable.context === first)
    #expect(reloadable.refusal == nil)
  }

  @Test("A new pair is used for new sessions, while earlier ones continue")
  func renewal() throws {
    var reloadable = try context()
    let earlier = try Meeting(server: reloadable.context, client: certificates.browser())
    try put("public.pem", as: "own.pem")
    try put("public.key", as: "own.key")
    #expect(reloadable.checkForChanges() == .unchanged)
    #expect(reloadable.checkForChanges() == .renewed)
    #expect(reloadable.checkForChanges() == .unchanged)
    let later = try Meeting(server: reloadable.context, client: certificates.browser())
    #expect(later.serverResult == .complete)
    let expected = try certificates.identity("public").certificate
    #expect(later.client.peer == expected)
    #expect(reloadable.context.certificate == expected)
    #expect(earlier.client.peer == (try certificates.identity("hub").certificate))
    #expect(earlier.server.send([1]) == .wrote(1))
    #expect(earlier.client.receive().bytes == [1])
  }

  @Test("A certificate without its key is refused once, and accepted when the key has followed")
  func halfAPair() throws {
    var reloadable = try context()
    let first = reloadable.context
    try put("public.pem", as: "own.pem")
    #expect(reloadable.checkForChanges() == .unchanged)
    let mismatch = CredentialError.Problem.keyMismatch(certificateFile: path("own.pem"))
    let reason = CredentialError(file: path("own.key"), problem: mismatch).description
    #expect(reloadable.checkForChanges() == .refused(reason))
    #expect(reloadable.checkForChanges() == .unchanged)
    #expect(reloadable.refusal == reason)
    #expect(reloadable.context === first)
    try put("public.key", as: "own.key")
    #expect([reloadable.checkForChanges(), reloadable.checkForChanges()] == [.unchanged, .renewed])
    #expect(reloadable.refusal == nil)
  }

  @Test("Whatever is wrong with a new pair, it is refused with the reason, and the old one stays")
  func badPairs() throws {
    var reloadable = try context()
    let first = reloadable.context
    for (certificate, key, words) in [
      ("edge-1.pem", "edge-1.key", "lacks serverAuth"), ("edge-2.pem", "edge-2.key", "lacks serverAuth"),
      ("edge-1.key", "edge-1.key", "holds no certificate"), ("hub.pem", "encrypted.key", "is encrypted"),
    ] {
      try put(certificate, as: "own.pem")
      try put(key, as: "own.key")
      #expect(reloadable.checkForChanges() == .unchanged)
      guard case .refused(let reason) = reloadable.checkForChanges() else {
        Issue.record("\(certificate) with \(key) is not refused")
        continue
      }
      #expect(reason.contains(words), "\(reason)")
    }
    try FileManager.default.removeItem(atPath: path("own.pem"))
    #expect(reloadable.checkForChanges() == .unchanged)
    #expect(reloadable.checkForChanges() == .refused("\(path("own.pem")): there is no such file"))
    #expect(reloadable.context === first)
    #expect(try Meeting(server: first, client: certificates.browser()).serverResult == .complete)
  }

  @Test("A key that others could read is used once its mode has been corrected")
  func mode() throws {
    var reloadable = try context()
    try put("public.pem", as: "own.pem")
    try put("public.key", as: "own.key")
    try #require(unsafe chmod(path("own.key"), 0o644) == 0)
    #expect(reloadable.checkForChanges() == .unchanged)
    guard case .refused(let reason) = reloadable.checkForChanges() else {
      Issue.record("an exposed key is not refused")
      return
    }
    #expect(reason.contains("can be read by others"))
    try #require(unsafe chmod(path("own.key"), 0o600) == 0)
    #expect([reloadable.checkForChanges(), reloadable.checkForChanges()] == [.unchanged, .renewed])
  }

  @Test("On demand the files are loaded at once, changed or not")
  func demand() throws {
    var reloadable = try context()
    let first = reloadable.context
    #expect(reloadable.reload() == .renewed)
    #expect(reloadable.context !== first)
    let second = reloadable.context
    try put("public.pem", as: "own.pem")
    guard case .refused = reloadable.reload() else {
      Issue.record("half a pair is not refused")
      return
    }
    #expect(reloadable.context === second)
    #expect(reloadable.checkForChanges() == .unchanged, "told once")
  }

  @Test("The first pair must be good")
  func badStart() throws {
    try put("edge-2.key", as: "own.key")
    #expect(throws: CredentialError.self) { try context() }
  }
}
