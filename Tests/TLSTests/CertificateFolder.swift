import Foundation
import TLS
import Testing

/// Certificates for the tests, made once by the operators' script, in a temporary folder that is removed when the
/// process ends.
///
/// `ours` has a hub, `edge-1`, `edge-2`, the expired `edge-old`, `edge-young`, which is valid from tomorrow,
/// `edge-plain`, which names no purpose, and `public`, which an intermediate authority signed for `localhost`.
/// `theirs` is another deployment with a hub and an `edge-1` of its own.
struct CertificateFolder: Sendable {
  static let alpn = "emojitrack-relay/1"

  private static let made = Result { try CertificateFolder() }

  static func shared() throws -> CertificateFolder { try made.get() }

  let root: URL
  var ours: URL { root.appending(path: "ours") }
  var theirs: URL { root.appending(path: "theirs") }

  private init() throws {
    // OpenSSL writes with write(2): like every process of the project, the tests must survive a write to a closed
    // socket.
    signal(SIGPIPE, SIG_IGN)
    root = FileManager.default.temporaryDirectory.appending(
      path: "tls-tests-\(getpid())-\(UInt32.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    atexit {
      guard let folder = try? CertificateFolder.shared() else { return }
      try? FileManager.default.removeItem(at: folder.root)
    }
    try Self.makeCertificates(
      "--out", ours.path, "--edges", "2", "--expired", "edge-old", "--not-yet-valid", "edge-young")
    try Self.makeCertificates("--out", theirs.path, "--edges", "1")
    try Self.openssl(
      "req", "-x509", "-CA", ours.appending(path: "ca.pem").path, "-CAkey",
      ours.appending(path: "ca.key").path,
      "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=plain",
      "-addext", "subjectAltName=DNS:edge-plain,DNS:localhost",
      "-keyout", ours.appending(path: "edge-plain.key").path, "-out",
      ours.appending(path: "edge-plain.pem").path)
    try makeChain()
    try Self.openssl(
      "pkey", "-in", ours.appending(path: "edge-1.key").path, "-aes256", "-passout", "pass:secret",
      "-out", ours.appending(path: "encrypted.key").path)
  }

  /// Makes a server's certificate with an intermediate authority, as public authorities issue them.
  private func makeChain() throws {
    let path = { (name: String) in ours.appending(path: name).path }
    for (name, issuer, extensions) in [
      ("root", nil, []), ("intermediate", "root", ["basicConstraints=critical,CA:TRUE,pathlen:0"]),
      ("leaf", "intermediate", ["subjectAltName=DNS:localhost", "extendedKeyUsage=serverAuth"]),
    ] as [(String, String?, [String])] {
      try Self.openssl(
        arguments: [
          "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
          "-subj", "/CN=\(name)", "-keyout", path("\(name).key"), "-out", path("\(name).pem"),
        ] + (issuer.map { ["-CA", path("\($0).pem"), "-CAkey", path("\($0).key")] } ?? [])
          + extensions.flatMap { ["-addext", $0] })
    }
    for (name, parts) in [("public", ["leaf", "intermediate"]), ("authorities", ["ca", "root"])] {
      let contents = try parts.map { try Data(contentsOf: URL(filePath: path("\($0).pem"))) }
      try Data(contents.joined()).write(to: URL(filePath: path("\(name).pem")))
    }
    try FileManager.default.moveItem(atPath: path("leaf.key"), toPath: path("public.key"))
  }

  /// The identity of that name in the first deployment, or in another.
  func identity(_ name: String, in folder: URL? = nil) throws -> Identity {
    let folder = folder ?? ours
    return try Identity(
      certificateFile: folder.appending(path: "\(name).pem").path,
      keyFile: folder.appending(path: "\(name).key").path)
  }

  /// The authority's file in the first deployment.
  var authority: String { ours.appending(path: "ca.pem").path }

  /// The authorities that clients of the public servers know.
  var publicAuthorities: String { ours.appending(path: "authorities.pem").path }

  /// A hub's context for the link.
  func hub() throws -> TLSContext {
    try .linkServer(identity: identity("hub"), authority: authority, alpn: Self.alpn)
  }

  /// An edge's context for the link.
  func edge() throws -> TLSContext {
    try .linkClient(identity: identity("edge-1"), authority: authority, alpn: Self.alpn)
  }

  /// A context for an edge's clients.
  func publicServer(
    _ name: String = "public", alpn: [String] = ["http/1.1"], ticketKeys: TicketKeys? = nil
  ) throws -> TLSContext {
    try .server(identity: identity(name), alpn: alpn, ticketKeys: ticketKeys ?? TicketKeys([TicketKey()]))
  }

  /// A context like that of a browser, except for the authority.
  func browser(
    alpn: [String] = ["http/1.1"], newest: TLSPolicy.Version = .tls13
  ) throws -> TLSContext {
    var policy = TLSPolicy.client()
    policy.applicationProtocols = alpn
    policy.maximumVersion = newest
    return try TLSContext(policy: policy, identity: nil, authority: .file(publicAuthorities))
  }

  /// Runs `Deploy/certificates.sh`, which must succeed.
  static func makeCertificates(_ arguments: String...) throws {
    let run = try runScript(arguments)
    try #require(run.status == 0, "\(run.output)")
  }

  /// Runs `Deploy/certificates.sh` and returns its exit status and output.
  static func runScript(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try run([package.appending(path: "Deploy/certificates.sh").path] + arguments)
  }

  private static func openssl(_ arguments: String...) throws { try openssl(arguments: arguments) }

  private static func openssl(arguments: [String]) throws {
    let run = try run(["openssl"] + arguments)
    try #require(run.status == 0, "\(run.output)")
  }

  private static func run(_ command: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
  }
}
