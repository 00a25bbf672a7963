import Foundation
import Testing

/// A host in a test: it has a network, `/etc/resolv.conf` and `/etc/hosts` of its own, and shares the other files of
/// this machine.
///
/// Its namespaces have no names: they end with their processes, and the kernel ends those with the tests, in any
/// case.
final class TestHost {
  /// Why hosts are not possible here; nil if they are.
  static let obstacle: String? = {
    guard geteuid() == 0 else { return "namespaces need root" }
    let packages = [
      "ip": "iproute2", "nsenter": "util-linux", "unshare": "util-linux", "dnsmasq": "dnsmasq-base",
    ]
    for (program, package) in packages.sorted(by: { $0.key < $1.key }) where !isInstalled(program) {
      return "\(program) is not installed: apt-get install \(package)"
    }
    let trial = Process()
    trial.executableURL = URL(filePath: "/usr/bin/env")
    trial.arguments = [
      "unshare", "--net", "--mount", "ip", "link", "add", "veth0", "type", "veth", "peer", "name", "veth1",
    ]
    trial.standardError = FileHandle.nullDevice
    try? trial.run()
    trial.waitUntilExit()
    return trial.terminationStatus == 0
      ? nil : "this system does not let us make namespaces with veth in them"
  }()

  /// The condition of a test that needs hosts.
  static let condition = ConditionTrait.enabled(
    if: obstacle == nil, Comment(rawValue: obstacle ?? "there are namespaces"))

  private static func isInstalled(_ program: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
    }
  }

  let name: String
  private let folder: URL
  private let holder: ChildProcess
  private let identifier: String

  /// - Parameters:
  ///   - resolver: the lines of `/etc/resolv.conf`.
  ///   - hosts: the lines of `/etc/hosts`, in addition to those of `localhost`.
  init(_ name: String, in folder: URL, resolver: [String] = [], hosts: [String] = []) throws {
    self.name = name
    self.folder = folder
    func file(_ kind: String, _ lines: [String]) throws -> String {
      let url = folder.appending(path: "\(name).\(kind)")
      try Data((lines + [""]).joined(separator: "\n").utf8).write(to: url)
      return url.path
    }
    let files = [
      try file("resolv.conf", resolver), try file("hosts", ["127.0.0.1 localhost", "::1 localhost"] + hosts),
    ]
    let script = """
      set -e
      mount --bind "$0" /etc/resolv.conf
      mount --bind "$1" /etc/hosts
      ip link set lo up
      echo "there as $$"
      exec sleep infinity
      """
    let holder = try ChildProcess(
      name, "unshare", ["--net", "--mount", "--propagation", "private", "sh", "-c", script] + files,
      log: folder.appending(path: "\(name).host").path)
    self.holder = holder
    identifier = try wait(
      for: name,
      some: { () -> String? in
        if let end = holder.poll() { throw TimedOut(description: "\(name) \(end): \(holder.log)") }
        return holder.log.split(separator: "\n").last { $0.hasPrefix("there as ") }.map {
          String($0.dropFirst(9))
        }
      })
  }

  /// The prefix of a command that runs on the host.
  var launcher: [String] {
    ["nsenter", "--net=/proc/\(identifier)/ns/net", "--mount=/proc/\(identifier)/ns/mnt", "--"]
  }

  /// Starts a program on the host.
  func start(_ arguments: String..., log: String? = nil) throws -> ChildProcess {
    let command = launcher + arguments
    return try ChildProcess(
      arguments[0], command[0], Array(command.dropFirst()),
      log: folder.appending(path: "\(name).\(log ?? arguments[0])").path)
  }

  /// Runs shell commands on the host, and returns their output.
  @discardableResult
  func run(_ script: String, _ arguments: String...) throws -> String {
    let log = folder.appending(path: "\(name).run-\(UInt32.random(in: 0 ... .max))").path
    let command = launcher + ["sh", "-e", "-c", script] + arguments
    let process = try ChildProcess("sh", command[0], Array(command.dropFirst()), log: log)
    let end = try process.waitForEnd()
    try #require(end == .exited(0), "\(script): \(process.log)")
    return process.log
  }

  /// Connects two hosts by a virtual cable, whose ends are called `eth`.
  static func connect(_ first: TestHost, _ second: TestHost) throws {
    try first.run(
      """
      ip link add eth type veth peer name eth netns "$0"
      """, second.identifier)
  }

  /// Configures the addresses of its end of the cable, and dead addresses that swallow everything, because no
  /// interface has the hardware address that is configured for them.
  func settle(_ addresses: [String], swallowing dead: [String]) throws {
    for address in addresses {
      try run("ip address add \(address) dev eth \(address.contains(":") ? "nodad" : "")")
    }
    try run("ip link set eth up")
    for address in dead {
      try run("ip neighbour add \(address) lladdr 02:00:00:00:00:99 dev eth nud permanent")
    }
  }

  func stop() { holder.kill() }
}
