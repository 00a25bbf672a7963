import Foundation
import Redis

/// A real master, a replica, and three sentinels that watch them.
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

    /// The reply to `ROLE`: `master`, or `slave`, the master's host and the state of replication.
    var role: [String] { (try? client().command("ROLE").texts) ?? [] }

    var isReplica: Bool { role.first == "slave" }
  }

  /// The sentinels' name for the deployment.
  static let name = "scores"

  let folder: URL
  private(set) var servers: [Node] = []
  private(set) var sentinels: [Node] = []

  /// Starts all of them, and waits until the sentinels know each other and the replica.
  ///
  /// - Parameter password: the password that the sentinels require.
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
      servers[1].isReplica && servers[1].role.contains("connected")
    }
    for port in ports.dropFirst(2) {
      sentinels.append(try startSentinel(at: port, of: ports[0], password: password))
    }
    for sentinel in sentinels {
      try wait(for: "the sentinels to know each other") {
        guard let client = try? sentinel.client() else { return false }
        if let password { try client.command("AUTH", password) }
        let facts = (try? client.command("SENTINEL", "MASTER", Self.name).texts) ?? []
        return [("num-other-sentinels", "2"), ("num-slaves", "1")].allSatisfy { name, value in
          zip(facts, facts.dropFirst()).contains { $0 == (name, value) }
        }
      }
    }
  }

  /// Starts a sentinel that believes that the replica is the master, for at least some 20 s.
  func startMisledSentinel() throws -> Node {
    try startSentinel(at: TestRun.freePort(), of: servers[1].port, password: nil)
  }

  private func startSentinel(at port: UInt16, of master: UInt16, password: String?) throws -> Node {
    let file = folder.appending(path: "sentinel-\(port).conf")
    let lines = [
      "port \(port)", "bind 127.0.0.1", "dir \(folder.path)",
      "sentinel monitor \(Self.name) 127.0.0.1 \(master) 2",
      "sentinel down-after-milliseconds \(Self.name) 500", "sentinel failover-timeout \(Self.name) 4000",
      password.map { "requirepass \($0)\nsentinel sentinel-pass \($0)" } ?? "",
    ]
    try Data(lines.joined(separator: "\n").utf8).write(to: file)
    let sentinel = try Node("sentinel-\(port)", in: folder, port: port, [file.path, "--sentinel"])
    try wait(for: "a sentinel") { (try? sentinel.client()) != nil }
    return sentinel
  }

  /// The hub's URL for the sentinels.
  func url(query: String = "") -> String {
    "redis-sentinel://\(sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ","))/\(Self.name)\(query)"
  }

  func stop() {
    for node in sentinels + servers { node.process.kill() }
  }
}

extension RESPValue {
  /// All texts in this list, without those in nested lists.
  fileprivate var texts: [String] {
    guard case .array(let values?) = self else { return [] }
    return values.compactMap { value in
      guard case .bulk(let bytes?) = value else { return nil }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
