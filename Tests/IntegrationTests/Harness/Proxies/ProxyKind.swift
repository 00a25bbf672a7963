import Foundation
import Reactor
import Testing

/// A kind of proxy: the project's example for it, and how a test starts it.
struct ProxyKind: Sendable, CustomTestStringConvertible {
  var name: String
  let program: String
  /// The flag that prints its version.
  let versionArgument: String
  /// Its file in `Examples`.
  let example: String
  /// Its shortest configuration: the package's own, and one edge.
  let shortest: String
  /// The listening address in the example and in the short configuration.
  var listening: String
  /// The listening address in a test; `PORT` stands for the port.
  var listeningInTest: String
  /// The number of edges in the example.
  var edgeCount = 2
  /// Whether it notices by itself that a client has left. Otherwise it notices when it cannot send the second
  /// comment.
  var noticesLeaving = true
  /// Whether, with the example, a stream that was cut off differs from one that has ended.
  var tellsCut = true
  /// Whether, with the example, a stream without an edge gets a reconnection time.
  var tellsTimeToReturn = false
  /// What of the example changes for HTTP/2 to the edges, and to what; nil with HTTP/1.1.
  var http2: (from: String, to: String)?
  /// Writes its further files, and returns the command that starts it.
  let command: @Sendable (ProxyHome) throws -> ProxyCommand

  var testDescription: String { name }

  /// The path of the program; nil if it is not installed.
  var path: String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return (folders + ["/usr/sbin"]).map { "\($0)/\(program)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  var isInstalled: Bool { path != nil }

  func exampleText() throws -> String {
    let text = try String(contentsOf: TestRun.package.appending(path: "Examples/\(example)"), encoding: .utf8)
    guard let http2 else { return text }
    try #require(text.contains(http2.from), "the example of \(name) has no \(http2.from)")
    return text.replacing(http2.from, with: http2.to)
  }

  /// A configuration with the addresses of edges, and a port of 127.0.0.1. The lines of missing edges are left out.
  func adapt(_ text: String, for edges: [SocketAddress], port: UInt16) throws -> String {
    try #require(text.contains(listening), "\(name) listens elsewhere: \(text)")
    let lines = text.replacing(listening, with: listeningInTest.replacing("PORT", with: "\(port)"))
      .split(separator: "\n", omittingEmptySubsequences: false).map { line in
        var line = String(line)
        for (index, address) in edges.enumerated() {
          let name = "edge-\(index + 1).example.org"
          line = line.replacing("\(name):8001", with: "\(address)")
          // Some formats have the port in another place.
          guard line.contains(name) else { continue }
          line = line.replacing(name, with: address.host).replacing("8001", with: "\(address.port)")
        }
        return line
      }
    return lines.filter { !$0.contains(".example.org") }.joined(separator: "\n")
  }

  /// The version that the program reports.
  func version() throws -> String {
    let folder = try TestRun.shared().newFolder()
    let run = try ChildProcess(
      program, try #require(path), [versionArgument], environment: ["HOME": folder.path],
      log: folder.appending(path: "version").path)
    _ = try run.waitForEnd(within: .seconds(20))
    return String(try #require(run.log.firstMatch(of: /[0-9]+\.[0-9]+(\.[0-9]+)?/), "\(run.log)").0)
  }
}

/// The files and the port of a proxy in a test.
struct ProxyHome {
  let folder: URL
  let port: UInt16
  let configuration: String

  /// Writes a file, and returns its path.
  func write(_ name: String, _ text: String) throws -> String {
    let file = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  /// Lets the user that the proxy switches to write there. Only root can switch users.
  func give(to user: String) throws {
    guard getuid() == 0 else { return }
    let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    for file in [""] + files {
      try FileManager.default.setAttributes(
        [.ownerAccountName: user], ofItemAtPath: folder.appending(path: file).path)
    }
  }
}

/// The command that starts a proxy.
struct ProxyCommand {
  let arguments: [String]
  var environment: [String: String] = [:]
}

extension ProxyKind {
  /// In the order of the table in `Docs/proxies.md`.
  static let all = [
    nginx, haproxy, envoy, caddy, traefik, nghttpx, apache, lighttpd, h2o, varnish, squid, trafficServer,
  ]
}
