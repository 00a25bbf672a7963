import Foundation
import Reactor
import Testing

/// A proxy in front of edges and hubs.
final class Proxy {
  /// The comment for a skipped test.
  static let isMissing: Comment = "nginx or HAProxy is not installed: Scripts/install.sh --with-proxies"

  static let hasNginx = ProxyKind.nginx.isInstalled
  static let hasHAProxy = ProxyKind.haproxy.isInstalled

  private let process: ChildProcess
  let address: SocketAddress

  /// - Parameter text: its configuration, with the addresses of the project's examples.
  convenience init(_ kind: ProxyKind, _ text: String, in front: [EdgeNode] = [], folder: URL) throws {
    try self.init(kind, text, at: front.map { try $0.address }, folder: folder)
  }

  /// - Parameters:
  ///   - text: its configuration, with the addresses of the project's examples.
  ///   - edges: what stands for those addresses.
  init(_ kind: ProxyKind, _ text: String, at edges: [SocketAddress], folder: URL) throws {
    let port = try TestRun.freePort()
    let home = ProxyHome(
      folder: folder.appending(path: kind.program), port: port,
      configuration: try kind.adapt(text, for: edges, port: port))
    try FileManager.default.createDirectory(at: home.folder, withIntermediateDirectories: true)
    let command = try kind.command(home)
    let program = try #require(kind.path, "\(kind.program) is not installed")
    let process = try ChildProcess(
      kind.program, program, command.arguments, environment: command.environment,
      log: home.folder.appending(path: "output").path, blocksSignals: false, leadsGroup: true)
    self.process = process
    let address = try SocketAddress.loopback(port)
    self.address = address
    try wait(for: kind.name) {
      if process.poll() != nil { throw TimedOut(description: process.log) }
      return (try? BlockingSocket(address)) != nil
    }
  }

  deinit {
    // SIGTERM, so that it can end its own child processes.
    process.signal(SIGTERM)
    _ = try? process.waitForEnd(within: .seconds(2))
  }

  /// Its output so far.
  var log: String { process.log }

  /// nginx with one server that has these locations.
  static func nginx(_ locations: String, in folder: URL) throws -> Proxy {
    try Proxy(.nginx, "server {\n  listen 8080;\n  \(locations)\n}\n", folder: folder)
  }

  /// nginx with the project's example, in front of one edge or two.
  static func nginx(_ edges: [EdgeNode], in folder: URL) throws -> Proxy {
    try Proxy(.nginx, ProxyKind.nginx.exampleText(), in: edges, folder: folder)
  }

  /// HAProxy with the project's example, in front of one edge or two.
  ///
  /// - Parameter asksAgain: whether it tries the next edge when one refuses a connection, as in the example.
  static func haproxy(_ edges: [EdgeNode], in folder: URL, asksAgain: Bool = true) throws -> Proxy {
    let text = try ProxyKind.haproxy.exampleText()
    return try Proxy(
      .haproxy, asksAgain ? text : text.replacing("option redispatch 1", with: "retries 0"), in: edges,
      folder: folder)
  }
}
