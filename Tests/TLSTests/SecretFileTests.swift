import Foundation
import TLS
import Testing

@Suite("A secret file")
struct SecretFileTests {
  private let path: String

  init() throws {
    let folder = try CertificateFolder.shared().root
    path = folder.appending(path: "secret-\(UInt32.random(in: 0 ... .max))").path
    try Data("psst".utf8).write(to: URL(filePath: path))
  }

  private func setMode(_ mode: Int16) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  @Test("It is read if only its owner can read it, and otherwise refused with the remedy")
  func mode() throws {
    try setMode(0o600)
    #expect(try SecretFile.bytes(of: path) == Array("psst".utf8))
    for mode: Int16 in [0o644, 0o604, 0o660, 0o602] where geteuid() != 0 || mode & 0o007 != 0 {
      try setMode(mode)
      let error = try #require(throws: CredentialError.self) { try SecretFile.bytes(of: path) }
      #expect(error.description.contains("chmod 600"))
    }
  }

  @Test("A reloadable value takes a good change, and is kept through a bad one")
  func reloadable() throws {
    try setMode(0o600)
    var reloadable = try Reloadable(files: [path]) { [path] in try SecretFile.bytes(of: path).count }
    #expect(reloadable.value == 4)
    try Data("longer".utf8).write(to: URL(filePath: path))
    try setMode(0o600)
    #expect(reloadable.reload() == .renewed)
    #expect(reloadable.value == 6)
    try setMode(0o644)
    guard case .refused = reloadable.reload() else {
      Issue.record("a file that all can read was taken")
      return
    }
    #expect(reloadable.value == 6 && reloadable.refusal != nil)
  }
}
