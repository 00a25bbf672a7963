import Foundation
import TLS
import Testing

/// Certificates of two deployments, made once by the operators' script, in a temporary folder that is removed when
/// the process ends.
struct CertificateFolder: Sendable {
  private static let alpn = "emojitrack-relay/1"
  private static let made = Result { try CertificateFolder() }

  static func shared() throws -> CertificateFolder { try made.get() }

  private let root: URL

  private init() throws {
    // OpenSSL writes with write(2): like every process of the project, the tests must survive a write to a closed
    // socket.
    signal(SIGPIPE, SIG_IGN)
    root = FileManager.default.temporaryDirectory.appending(
      path: "transport-tests-\(getpid())-\(UInt32.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    atexit {
      guard let folder = try? CertificateFolder.shared() else { return }
      try? FileManager.default.removeItem(at: folder.root)
    }
    for deployment in ["ours", "theirs"] { try make(deployment) }
  }

  private func make(_ deployment: String) throws {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let process = Process()
    process.executableURL = package.appending(path: "Deploy/certificates.sh")
    process.arguments = ["--out", root.appending(path: deployment).path, "--edges", "1"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  private func file(_ name: String, in deployment: String) -> String {
    root.appending(path: deployment).appending(path: name).path
  }

  private func identity(_ name: String, in deployment: String) throws -> Identity {
    try Identity(
      certificateFile: file("\(name).pem", in: deployment), keyFile: file("\(name).key", in: deployment))
  }

  /// The authority's file of the first deployment.
  var authority: String { file("ca.pem", in: "ours") }

  /// A hub's context for the link.
  func hub() throws -> TLSContext {
    try .linkServer(identity: identity("hub", in: "ours"), authority: authority, alpn: Self.alpn)
  }

  /// An edge's context for the link; even from another deployment, it trusts the first one's hub.
  func edge(of deployment: String = "ours") throws -> TLSContext {
    try .linkClient(identity: identity("edge-1", in: deployment), authority: authority, alpn: Self.alpn)
  }
}
