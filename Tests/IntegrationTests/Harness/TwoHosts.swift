import Foundation
import Reactor
import Testing

/// Addresses that swallow everything. The IPv4 address shares more bits with the source address than the good one,
/// and so is tried first (RFC 6724, rule 9).
struct DeadAddresses {
  let ipv4: String
  let ipv6: String
}

/// Two hosts on a cable, with the processes that a hub and an edge need. On both, an address that swallows everything
/// is tried before the good one.
final class TwoHosts {
  /// The address of Redis, the name server and the edge.
  static let nearAddress = "10.99.1.5"
  /// The address of the hub.
  static let farAddress = "10.99.1.9"
  static let nearDead = DeadAddresses(ipv4: "10.99.1.4", ipv6: "2001:db8::4")
  static let farDead = DeadAddresses(ipv4: "10.99.1.8", ipv6: "2001:db8::8")
  /// The address of a name server that never answers.
  static let deadNameServer = "10.99.1.66"

  let folder: URL
  /// The host of Redis, the name server and the edge.
  let near: TestHost
  /// The host of the hub.
  let far: TestHost
  let redisPort: UInt16
  let redis: ChildProcess
  let nameServer: ChildProcess

  /// - Parameters:
  ///   - resolver: the lines of `/etc/resolv.conf` on both hosts.
  ///   - records: the addresses of names.
  ///   - inFile: whether `/etc/hosts` has them, instead of the name server.
  init(resolver: [String], records: [String: [String]], inFile: Bool) throws {
    folder = try TestRun.shared().newFolder()
    let lines = records.sorted { $0.key < $1.key }.flatMap { name, list in list.map { "\($0) \(name)" } }
    near = try TestHost("near", in: folder, resolver: resolver, hosts: inFile ? lines : [])
    far = try TestHost("far", in: folder, resolver: resolver, hosts: inFile ? lines : [])
    try TestHost.connect(near, far)
    try near.settle(
      ["\(Self.nearAddress)/24", "2001:db8::5/64"],
      swallowing: [Self.nearDead.ipv4, Self.nearDead.ipv6, Self.deadNameServer])
    try far.settle(
      ["\(Self.farAddress)/24", "2001:db8::9/64"],
      swallowing: [Self.farDead.ipv4, Self.farDead.ipv6, Self.deadNameServer])
    redisPort = try TestRun.freePort()
    redis = try near.start(
      "redis-server", "--port", "\(redisPort)", "--bind", Self.nearAddress, "--protected-mode", "no",
      "--dir", folder.path, "--save", "", "--unixsocket", folder.appending(path: "redis").path)
    let file = folder.appending(path: "names")
    try Data((inFile ? "" : lines.joined(separator: "\n") + "\n").utf8).write(to: file)
    nameServer = try near.start(
      "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
      "--local=/test/", "--addn-hosts=\(file.path)", "--listen-address=\(Self.nearAddress)",
      "--bind-interfaces", "--user=root", "--log-queries", "--log-facility=-", "--pid-file=")
    try wait(for: "redis-server") { redis.log.contains("Ready to accept connections") }
    try wait(for: "dnsmasq") {
      if let end = nameServer.poll() { throw TimedOut(description: "dnsmasq \(end): \(nameServer.log)") }
      return nameServer.log.contains("started")
    }
    try redisClient().command("ZADD", "emojitrack_score", "100", "1F4C2")
  }

  func redisClient() throws -> RedisClient {
    try RedisClient(#require(SocketAddress(unixPath: folder.appending(path: "redis").path)))
  }

  func hub(_ redisURL: String) throws -> Hub {
    try Hub(
      in: folder, redisURL: redisURL, adminListen: ["unix:\(folder.path)/hub"], on: far,
      flags: ["--link-listen", ":8010"])
  }

  func edge(_ hub: String = "hub.test:8010") throws -> EdgeNode {
    try EdgeNode(
      "edge-1", in: folder, hubPorts: [], listen: ["unix:\(folder.path)/edge"], on: near,
      flags: ["--hub", hub, "--hub-name", "localhost"])
  }

  /// Whether the hub or the edge reports at its unix socket that it is ready.
  func isReady(_ program: String) -> Bool {
    guard let address = SocketAddress(unixPath: "\(folder.path)/\(program)") else { return false }
    return (try? HTTPClient.request("GET", "/readyz", at: address).status) == 200
  }

  /// The addresses of a name in the order in which a host tries them.
  func addresses(of name: String, on host: TestHost) throws -> [String] {
    try host.run("getent ahosts \(name)").split(separator: "\n").filter { $0.contains("STREAM") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
  }

  func stop() {
    for process in [redis, nameServer] { process.kill() }
    for host in [near, far] { host.stop() }
  }
}
