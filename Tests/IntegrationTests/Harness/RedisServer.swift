import Foundation
import Reactor
import Redis
import Testing

/// A redis-server of a test's own.
final class RedisServer {
  /// How clients connect to it.
  enum Access {
    case tcp
    case unix
    /// TLS, with the hub's certificate of the test run.
    case tls
  }

  let port: UInt16
  private let access: Access
  private let folder: URL
  /// The port for the other nodes of its cluster, if it is in one.
  private(set) var clusterPort: UInt16 = 0
  private let extra: [String]
  private var process: ChildProcess?
  private var startCount = 0

  /// Starts it, and waits until it answers. It always listens on a plain port too, for the test itself.
  init(in folder: URL, access: Access = .tcp, extra: [String] = []) throws {
    port = try TestRun.freePort()
    tlsPort = try TestRun.freePort()
    self.access = access
    self.folder = folder
    self.extra = extra
    try start()
  }

  private var unixPath: String { folder.appending(path: "redis.sock").path }
  private let tlsPort: UInt16

  /// The hub's URL for it, without user, password and database.
  var url: String {
    get throws {
      switch access {
      case .tcp: "redis://127.0.0.1:\(port)"
      case .unix: "unix://\(unixPath)"
      case .tls:
        try "rediss://127.0.0.1:\(tlsPort)?ca=\(TestRun.shared().ours.appending(path: "ca.pem").path)"
      }
    }
  }

  var address: SocketAddress { get throws { try .loopback(port) } }

  func start() throws {
    var arguments = ["--port", "\(port)", "--bind", "127.0.0.1", "--dir", folder.path, "--save", ""] + extra
    switch access {
    case .tcp: break
    case .unix: arguments += ["--unixsocket", unixPath]
    case .tls:
      let ours = try TestRun.shared().ours
      arguments += [
        "--tls-port", "\(tlsPort)", "--tls-cert-file", ours.appending(path: "hub.pem").path,
        "--tls-key-file", ours.appending(path: "hub.key").path,
        "--tls-ca-cert-file", ours.appending(path: "ca.pem").path, "--tls-auth-clients", "no",
      ]
    }
    let process = try ChildProcess(
      "redis-server", "redis-server", arguments, log: folder.appending(path: "redis.log").path)
    self.process = process
    startCount += 1
    try wait(for: "redis-server") {
      if let end = process.poll() { throw TimedOut(description: "redis-server \(end): \(process.log)") }
      return process.log.ranges(of: "Ready to accept connections").count == startCount
    }
  }

  /// A node of a cluster, without slots.
  static func cluster(in folder: URL) throws -> RedisServer {
    let busPort = try TestRun.freePort()
    let own = folder.appending(path: "node-\(busPort)")
    try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
    let server = try RedisServer(
      in: own, extra: ["--cluster-enabled", "yes", "--cluster-port", "\(busPort)"])
    server.clusterPort = busPort
    return server
  }

  /// Waits until the cluster serves.
  func waitForCluster() throws {
    let client = try client()
    try wait(for: "the cluster", within: .seconds(30)) {
      let answer = try client.command("CLUSTER", "INFO")
      guard case .bulk(let text?) = answer else { return false }
      return String(decoding: text, as: UTF8.self).contains("cluster_state:ok")
    }
  }

  /// A new connection.
  func client() throws -> RedisClient { try RedisClient(address) }

  /// Ends it with its data written to disk, and restarts it. No acknowledged write is lost.
  func restartWithData() throws {
    try shutDown()
    try start()
  }

  /// Ends it with its data written to disk.
  func shutDown() throws {
    let process = try #require(process)
    // Redis closes the connection instead of answering.
    _ = try? client().command("SHUTDOWN", "SAVE")
    #expect(try process.waitForEnd() == .exited(0))
  }

  /// Ends it with kill -9, and restarts it with what it last wrote to disk.
  func restartWithOldData() throws {
    process?.kill()
    try start()
  }

  func stop() { process?.kill() }

  func signal(_ number: Int32) { process?.signal(number) }

  var log: String { process?.log ?? "" }
}
