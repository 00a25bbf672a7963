import Foundation
import Testing

/// A control group with a memory limit for processes of a test, below the group of the tests themselves.
final class MemoryGroup: Sendable {
  private enum Version {
    case one
    case two
  }

  /// Where a group can be made; nil if it cannot, and then why.
  private static let place: (folder: URL, version: Version)? = {
    guard geteuid() == 0 else { return nil }
    let lines = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8))?.split(separator: "\n")
    for line in lines ?? [] {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      if fields[1].split(separator: ",").contains("memory") {
        let folder = URL(filePath: "/sys/fs/cgroup/memory\(fields[2])")
        if canMake(in: folder, limitedBy: "memory.limit_in_bytes") { return (folder, .one) }
      }
    }
    // A group of version 2 that has processes has no groups with limits below it, apart from the first one.
    let first = URL(filePath: "/sys/fs/cgroup")
    return canMake(in: first, limitedBy: "memory.max") ? (first, .two) : nil
  }()

  private static func canMake(in folder: URL, limitedBy file: String) -> Bool {
    let trial = folder.appending(path: "emojitrack-trial-\(getpid())")
    guard unsafe mkdir(trial.path, 0o755) == 0 else { return false }
    defer { _ = unsafe rmdir(trial.path) }
    return unsafe access(trial.appending(path: file).path, W_OK) == 0
  }

  /// The condition of a test that needs a group.
  static let condition = ConditionTrait.enabled(
    if: place != nil, "making a control group with a memory limit needs root, and a writable hierarchy")

  private let folder: URL
  private let version: Version

  /// - Parameter limit: in bytes.
  init(limit: Int) throws {
    let place = try #require(Self.place)
    version = place.version
    folder = place.folder.appending(path: "emojitrack-test-\(getpid())-\(UInt32.random(in: 0 ... .max))")
    try #require(unsafe mkdir(folder.path, 0o755) == 0)
    try write("\(limit)", to: version == .one ? "memory.limit_in_bytes" : "memory.max")
  }

  /// After a failure the group is removed like this.
  deinit { try? remove() }

  /// Removes the group. Its processes must have ended.
  func remove() throws {
    try wait(for: "the end of the group's processes") { unsafe rmdir(folder.path) == 0 || errno == ENOENT }
  }

  private func write(_ text: String, to file: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: file))
  }

  private func read(_ file: String) throws -> String {
    try String(contentsOf: folder.appending(path: file), encoding: .utf8)
  }

  /// The prefix of a command that runs in the group.
  var launcher: [String] {
    ["sh", "-c", #"echo $$ > "$0"; exec "$@""#, folder.appending(path: "cgroup.procs").path]
  }

  /// What the group uses, in bytes.
  var used: Int {
    get throws {
      let text = try read(version == .one ? "memory.usage_in_bytes" : "memory.current")
      return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }
  }

  /// How many of its processes the kernel has killed, because it had no memory left.
  var killCount: Int {
    get throws {
      let text = try read(version == .one ? "memory.oom_control" : "memory.events")
      let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("oom_kill ") })
      return try #require(Int(line.dropFirst("oom_kill ".count)))
    }
  }

  /// Takes memory within the group, as another process there would, until the result is stopped.
  func ballast(_ count: Int, in folder: URL) throws -> ChildProcess {
    // `tail` keeps the last bytes until its input ends, which it does not.
    let script = "(head -c \(count) /dev/zero; exec sleep 600) | tail -c \(count)"
    let command = launcher + ["sh", "-c", script]
    return try ChildProcess(
      "ballast", command[0], Array(command.dropFirst()),
      log: folder.appending(path: "ballast-\(UInt32.random(in: 0 ... .max))").path, leadsGroup: true)
  }
}
