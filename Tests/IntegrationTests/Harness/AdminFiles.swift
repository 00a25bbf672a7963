import Foundation
import Reactor
import TLS
import Testing

/// Tokens and certificates for the TLS listener of a test hub's admin API.
///
/// The server shows the hub's certificate. The operators' certificates come from the other deployment's authority,
/// because it must not be that of the link.
struct AdminFiles {
  static let readerToken = "reader-0123456789-0123456789-0123456789"
  static let operatorToken = "operator-0123456789-0123456789-0123456789"

  let port: UInt16
  let tokens: URL
  private let folder: URL
  private let shown: URL

  /// - Parameter shown: the folder of the `hub.pem` that the hub shows; nil for the deployment's own.
  init(showing shown: URL? = nil) throws {
    self.shown = try shown ?? TestRun.shared().ours
    folder = try TestRun.shared().newFolder()
    port = try TestRun.freePort()
    tokens = folder.appending(path: "tokens")
    try write("# for the tests\nreader rita \(Self.readerToken)\noperator otto \(Self.operatorToken)\n")
  }

  /// Replaces the tokens as a careful operator does, by renaming the new file.
  func write(_ text: String, mode: Int16 = 0o600) throws {
    let new = folder.appending(path: "new")
    try Data(text.utf8).write(to: new)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: new.path)
    try #require(unsafe rename(new.path, tokens.path) == 0)
  }

  /// The hub's flags for these files.
  var flags: [String] {
    get throws {
      let run = try TestRun.shared()
      return [
        "--admin-https-listen", "127.0.0.1:\(port)",
        "--admin-https-certificate", shown.appending(path: "hub.pem").path,
        "--admin-https-key", shown.appending(path: "hub.key").path,
        "--admin-tokens", tokens.path,
        "--admin-clients-authority", run.theirs.appending(path: "ca.pem").path,
        "--admin-clients-readers", "edge-2,OU=nobody",
      ]
    }
  }

  /// How a TLS client connects.
  ///
  /// - Parameters:
  ///   - certificate: the name of its certificate; nil for none.
  ///   - folder: the folder of the certificate; nil for that of the operators' authority.
  func approach(certificate: String? = nil, in folder: URL? = nil) throws -> Approach {
    let run = try TestRun.shared()
    let source = folder ?? run.theirs
    let identity = try certificate.map {
      try Identity(
        certificateFile: source.appending(path: "\($0).pem").path,
        keyFile: source.appending(path: "\($0).key").path)
    }
    let context = try TLSContext(
      policy: .client(), identity: identity, authority: .file(run.ours.appending(path: "ca.pem").path))
    return Approach(address: try .loopback(port), secure: context)
  }

  /// The request's header field with a token.
  static func bearer(_ token: String) -> String { "Authorization: Bearer \(token)\r\n" }
}
