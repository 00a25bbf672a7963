import Foundation
import Testing

@Suite("The script that makes certificates")
struct CertificatesScriptTests {
  private let folder: URL

  init() throws {
    folder = try CertificateFolder.shared().root.appending(path: "script-\(UInt32.random(in: 0 ... .max))")
  }

  private func content() throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    return try Dictionary(
      uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: folder.appending(path: $0))) })
  }

  @Test("It makes the announced files, with keys that only their owner can read, and no others")
  func files() throws {
    try CertificateFolder.makeCertificates("--out", folder.path, "--edges", "1", "--edge", "attic")
    #expect(
      try content().keys.sorted() == [
        "attic.key", "attic.pem", "ca.key", "ca.pem", "edge-1.key", "edge-1.pem", "hub.key", "hub.pem",
      ])
    for name in try content().keys {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder.appending(path: name).path)
      let mode = try #require(attributes[.posixPermissions] as? Int)
      #expect(mode == (name.hasSuffix(".key") ? 0o600 : 0o644), "\(name)")
    }
  }

  @Test("A second run changes nothing; further nodes are added; changed names renew a certificate")
  func again() throws {
    try CertificateFolder.makeCertificates("--out", folder.path, "--edges", "1")
    let first = try content()
    try CertificateFolder.makeCertificates("--out", folder.path, "--edges", "1")
    #expect(try content() == first)
    try CertificateFolder.makeCertificates("--out", folder.path, "--edges", "2", "--hub-name", "hub.example")
    let second = try content()
    #expect(second["edge-1.pem"] == first["edge-1.pem"])
    #expect(second["ca.pem"] == first["ca.pem"])
    #expect(second["edge-2.pem"] != nil)
    #expect(second["hub.pem"] != first["hub.pem"])
  }

  @Test("It remakes everything when forced to, and a certificate whose key is missing")
  func remade() throws {
    try CertificateFolder.makeCertificates("--out", folder.path, "--edges", "1")
    let first = try content()
    try FileManager.default.removeItem(at: folder.appending(path: "edge-1.key"))
    try CertificateFolder.makeCertificates("--out", folder.path, "--edges", "1")
    let second = try content()
    #expect(second["edge-1.pem"] != first["edge-1.pem"])
    #expect(second["hub.pem"] == first["hub.pem"])
    try CertificateFolder.makeCertificates("--out", folder.path, "--edges", "1", "--force")
    #expect(try content()["ca.pem"] != first["ca.pem"])
  }

  @Test(
    "A wrong option is refused by name, and no file is made",
    arguments: [
      ["--edges", "many"], ["--days", "0"], ["--days", "826"], ["--edge", "hub"], ["--edge", "Attic"],
      ["--hub-name", "[::1]"], ["--bogus"], ["--edge"],
      ["--from", "someday"],
    ])
  func wrongOptions(arguments: [String]) throws {
    let run = try CertificateFolder.runScript(["--out", folder.path] + arguments)
    #expect(run.status == 64)
    #expect(run.output.contains(arguments.last ?? ""))
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }

  @Test("An authority without its key cannot sign; the error gives the remedy")
  func lostKey() throws {
    try CertificateFolder.makeCertificates("--out", folder.path, "--edges", "1")
    try FileManager.default.removeItem(at: folder.appending(path: "ca.key"))
    let run = try CertificateFolder.runScript(["--out", folder.path])
    #expect(run.status == 66)
    #expect(run.output.contains("--force"))
  }
}
