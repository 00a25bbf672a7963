import Foundation
import Reactor
import Testing

/// A proxy in front of edges and hubs, as its package has it.
final class Proxy {
  /// The word about one that is missing.
  static let isMissing: Comment = "nginx or HAProxy is not installed: Deploy/install.sh --with-proxies"

  static let hasNginx = path(of: "nginx") != nil
  static let hasHAProxy = path(of: "haproxy") != nil

  private let process: ChildProcess
  let address: SocketAddress

  /// - Parameter configuration: makes it for a port of 127.0.0.1.
  private init(
    _ name: String, in folder: URL, arguments: (URL) -> [String], configuration: (UInt16) throws -> String
  ) throws {
    let port = try TestRun.freePort()
    let home = folder.appending(path: name)
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    let file = home.appending(path: "\(name).conf")
    try Data(configuration(port).utf8).write(to: file)
    let program = try #require(Self.path(of: name))
    let process = try ChildProcess(
      name, program, arguments(file), log: home.appending(path: "\(name).log").path)
    self.process = process
    let address = try SocketAddress.loopback(port)
    self.address = address
    try wait(for: name) {
      if process.poll() != nil { throw TimedOut(description: process.log) }
      return (try? BlockingSocket(address)) != nil
    }
  }

  /// nginx with one server of such locations.
  static func nginx(_ locations: String, in folder: URL) throws -> Proxy {
    try nginx(in: folder) { port in
      """
      server {
        listen 127.0.0.1:\(port);
        \(locations)
      }
      """
    }
  }

  /// nginx by the project's example, in front of one edge or two.
  static func nginx(_ edges: [EdgeNode], in folder: URL) throws -> Proxy {
    try nginx(in: folder) { port in
      try example("nginx.conf", for: edges).replacing("listen 8080;", with: "listen 127.0.0.1:\(port);")
    }
  }

  private static func nginx(in folder: URL, _ http: (UInt16) throws -> String) throws -> Proxy {
    try Proxy("nginx", in: folder, arguments: { ["-c", $0.path, "-e", "stderr"] }) { port in
      let home = folder.appending(path: "nginx").path
      let buffers = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
        "\($0)_temp_path \(home)/\($0);"
      }
      return """
        daemon off;
        pid \(home)/nginx.pid;
        \(getuid() == 0 ? "user root;" : "")
        events {}
        http {
          access_log off;
          \(buffers.joined(separator: "\n"))
          \(try http(port))
        }
        """
    }
  }

  /// HAProxy by the project's example, in front of one edge or two.
  ///
  /// - Parameter asksAgain: whether it asks the next edge when one refuses a connection, as the example has it.
  static func haproxy(_ edges: [EdgeNode], in folder: URL, asksAgain: Bool = true) throws -> Proxy {
    try Proxy("haproxy", in: folder, arguments: { ["-db", "-f", $0.path] }) { port in
      try example("haproxy.cfg", for: edges).replacing("bind :8080", with: "bind 127.0.0.1:\(port)")
        .replacing("maxconn 100000", with: "maxconn 1000")
        .replacing("option redispatch 1", with: asksAgain ? "option redispatch 1" : "retries 0")
        .replacing("/etc/haproxy/errors", with: TestRun.package.appending(path: "Examples").path)
    }
  }

  /// An example with the addresses of edges in it; the lines of those that are not there are left out.
  private static func example(_ name: String, for edges: [EdgeNode]) throws -> String {
    var text = try String(contentsOf: TestRun.package.appending(path: "Examples/\(name)"), encoding: .utf8)
    for (index, edge) in edges.enumerated() {
      text = text.replacing("edge-\(index + 1).example.org:8001", with: "\(try edge.address)")
    }
    return text.split(separator: "\n").filter { !$0.contains(".example.org") }.joined(separator: "\n") + "\n"
  }

  private static func path(of program: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return (folders + ["/usr/sbin"]).map { "\($0)/\(program)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
