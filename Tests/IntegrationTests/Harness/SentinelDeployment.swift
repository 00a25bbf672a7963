import Foundation
import Testing

/// A master, a replica, and three sentinels that watch them, all of them real.
final class SentinelDeployment {
  /// A server or a sentinel.
  final class Node {
    let port: UInt16
    let process: ChildProcess

    fileprivate init(_ name: String, in folder: URL, port: UInt16, _ arguments: [String]) throws {
      self.port = port
      process = try ChildProcess(
        name, "redis-server", arguments, log: folder.appending(path: "\(name).log").path)
    }

    func client() throws -> RedisClient { try RedisClient(.loopback(port)) }

    var isReplica: Bool {
      guard let reply = try? client().command("ROLE") else { return false }
      return "\(reply)".contains("\(Array("slave".utf8))")
    }
  }

  /// What the sentinels call the master.
  static let name = "scores"

  let folder: URL
  private(set) var servers: [Node] = []
  private(set) var sentinels: [Node] = []

  /// Starts all of them, and waits until the sentinels know each other and the replica.
  ///
  /// - Parameter password: what the sentinels ask for.
  init(in folder: URL, password: String? = nil) throws {
    self.folder = folder
    let ports = try (0..<5).map { _ in try TestRun.freePort() }
    for (index, port) in ports.prefix(2).enumerated() {
      let home = folder.appending(path: "server-\(index)")
      try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
      var arguments = ["--port", "\(port)", "--bind", "127.0.0.1", "--dir", home.path, "--save", ""]
      arguments += ["--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"]
      if index > 0 { arguments += ["--replicaof", "127.0.0.1 \(ports[0])"] }
      servers.append(try Node("server-\(index)", in: folder, port: port, arguments))
    }
    try wait(for: "the replica") {
      guard servers[1].isReplica else { return false }
      return try "\(servers[1].client().command("ROLE"))".contains("\(Array("connected".utf8))")
    }
    for (index, port) in ports.dropFirst(2).enumerated() {
      let file = folder.appending(path: "sentinel-\(index).conf")
      let lines = [
        "port \(port)", "bind 127.0.0.1", "dir \(folder.path)",
        "sentinel monitor \(Self.name) 127.0.0.1 \(ports[0]) 2",
        "sentinel down-after-milliseconds \(Self.name) 500", "sentinel failover-timeout \(Self.name) 4000",
        password.map { "requirepass \($0)\nsentinel sentinel-pass \($0)" } ?? "",
      ]
      try Data(lines.joined(separator: "\n").utf8).write(to: file)
      sentinels.append(try Node("sentinel-\(index)", in: folder, port: port, [file.path, "--sentinel"]))
    }
    for sentinel in sentinels {
      try wait(for: "the sentinels to know each other") {
        guard let client = try? sentinel.client() else { return false }
        if let password { try client.command("AUTH", password) }
        guard let reply = try? client.command("SENTINEL", "MASTER", Self.name) else { return false }
        return "\(reply)".contains(Self.pair("num-other-sentinels", "2"))
          && "\(reply)".contains(Self.pair("num-slaves", "1"))
      }
    }
  }

  /// Where the hub finds them.
  func url(query: String = "") -> String {
    "redis-sentinel://\(sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ","))/\(Self.name)\(query)"
  }

  func stop() {
    for node in sentinels + servers { node.process.kill() }
  }

  private static func pair(_ name: String, _ value: String) -> String {
    [name, value].map { "Redis.RESPValue.bulk(Optional(\(Array($0.utf8))))" }.joined(separator: ", ")
  }
}
