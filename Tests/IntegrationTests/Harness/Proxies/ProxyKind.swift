import Foundation
import Reactor
import Testing

/// A program that stands in front of edges: the project's example for it, and how a test starts it.
struct ProxyKind: Sendable, CustomTestStringConvertible {
  let name: String
  let program: String
  /// What it is asked for its version with.
  let versionArgument: String
  /// Its file in `Examples`.
  let example: String
  /// Its configuration as short as it can be: what comes with the package, and one edge.
  let shortest: String
  /// How the example and the short configuration say where it listens.
  let listening: String
  /// How a test says it; `PORT` stands for the port.
  let listeningInTest: String
  /// Of how many edges the example speaks.
  var edgeCount = 2
  /// Whether it notices by itself that a client has left. One that does not is told by the second comment that it cannot send.
  var noticesLeaving = true
  /// Whether a stream that was cut off does not look like one that has ended, by the example.
  var tellsCut = true
  /// Whether, by the example, a stream for which there is no edge is told when to come back.
  var tellsTimeToReturn = false
  /// Writes what else it needs, and says how it is started.
  let command: @Sendable (ProxyHome) throws -> ProxyCommand

  var testDescription: String { name }

  /// Where the program is; nil if it is not installed.
  var path: String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return (folders + ["/usr/sbin"]).map { "\($0)/\(program)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  var isInstalled: Bool { path != nil }

  func exampleText() throws -> String {
    try String(contentsOf: TestRun.package.appending(path: "Examples/\(example)"), encoding: .utf8)
  }

  /// A configuration with the addresses of edges in it, for a port of 127.0.0.1; the lines of edges that are not there are
  /// left out.
  func adapt(_ text: String, for edges: [EdgeNode], port: UInt16) throws -> String {
    try #require(text.contains(listening), "\(name) listens elsewhere: \(text)")
    let lines = try text.replacing(listening, with: listeningInTest.replacing("PORT", with: "\(port)"))
      .split(separator: "\n", omittingEmptySubsequences: false).map { line in
        var line = String(line)
        for (index, edge) in edges.enumerated() {
          let name = "edge-\(index + 1).example.org"
          let address = try edge.address
          line = line.replacing("\(name):8001", with: "\(address)")
          // Some have the port apart.
          guard line.contains(name) else { continue }
          line = line.replacing(name, with: address.host).replacing("8001", with: "\(address.port)")
        }
        return line
      }
    return lines.filter { !$0.contains(".example.org") }.joined(separator: "\n")
  }

  /// The version that the program says it has.
  func version() throws -> String {
    let folder = try TestRun.shared().newFolder()
    let run = try ChildProcess(
      program, try #require(path), [versionArgument], environment: ["HOME": folder.path],
      log: folder.appending(path: "version").path)
    _ = try run.waitForEnd(within: .seconds(20))
    return String(try #require(run.log.firstMatch(of: /[0-9]+\.[0-9]+(\.[0-9]+)?/), "\(run.log)").0)
  }
}

/// Where a proxy of a test has its files and its port.
struct ProxyHome {
  let folder: URL
  let port: UInt16
  let configuration: String

  /// Writes a file, and gives its path.
  func write(_ name: String, _ text: String) throws -> String {
    let file = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return file.path
  }

  /// Lets a user whom the proxy turns into write there; only root can turn into another.
  func give(to user: String) throws {
    guard getuid() == 0 else { return }
    let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    for file in [""] + files {
      try FileManager.default.setAttributes(
        [.ownerAccountName: user], ofItemAtPath: folder.appending(path: file).path)
    }
  }
}

/// How a proxy is started.
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
