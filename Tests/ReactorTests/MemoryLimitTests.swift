import Foundation
import Primitives
import Reactor
import Testing

/// The files of the kernel are copied into a folder of the test.
@Suite("The memory limit of the process") final class MemoryLimitTests {
  private let root = FileManager.default.temporaryDirectory.appending(path: "memory-limit-\(UUID())")

  deinit { try? FileManager.default.removeItem(at: root) }

  private func write(_ files: [String: String]) throws {
    for (path, text) in files {
      let url = root.appending(path: path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
  }

  private func versionTwo(own: String = "max", above: String = "max") throws -> MemoryLimit {
    try write([
      "proc/self/cgroup": "0::/pod/edge\n",
      "proc/self/mountinfo": "35 24 0:30 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
      "sys/fs/cgroup/pod/edge/memory.max": "\(own)\n",
      "sys/fs/cgroup/pod/edge/memory.current": "700\n",
      "sys/fs/cgroup/pod/edge/memory.stat": "anon 500\nfile 200\ninactive_file 100\nactive_file 100\n",
      "sys/fs/cgroup/pod/memory.max": "\(above)\n",
      "sys/fs/cgroup/pod/memory.current": "1900\n",
      "sys/fs/cgroup/pod/memory.stat": "anon 1700\nactive_file 0\ninactive_file 200\n",
    ])
    return MemoryLimit(root: root.path)
  }

  private func versionOne(own: String, above: String) throws -> MemoryLimit {
    // The statistics of a group have two figures: its own, and with a prefix that of all groups below too.
    try write([
      "proc/self/cgroup": "4:memory:/pod/edge\n0::/\n",
      "proc/self/mountinfo": """
      38 32 0:33 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
      36 32 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup rw

      """,
      "sys/fs/cgroup/unified/cgroup.procs": "1\n",
      "sys/fs/cgroup/memory/pod/edge/memory.limit_in_bytes": "\(own)\n",
      "sys/fs/cgroup/memory/pod/edge/memory.usage_in_bytes": "700\n",
      "sys/fs/cgroup/memory/pod/edge/memory.stat": "inactive_file 100\ntotal_inactive_file 100\n",
      "sys/fs/cgroup/memory/pod/memory.limit_in_bytes": "\(above)\n",
      "sys/fs/cgroup/memory/pod/memory.usage_in_bytes": "1900\n",
      "sys/fs/cgroup/memory/pod/memory.stat": "inactive_file 0\ntotal_inactive_file 200\n",
    ])
    return MemoryLimit(root: root.path)
  }

  @Test("Version 2: the group that is nearest to its limit, without files that can be dropped")
  func versionTwo() throws {
    #expect(try versionTwo().usage() == nil)
    #expect(try versionTwo(own: "1000").usage() == MemoryUsage(limit: 1000, used: 600))
    #expect(try versionTwo(above: "2000").usage() == MemoryUsage(limit: 2000, used: 1700))
    // The greater limit is the nearer one: other processes fill that group.
    #expect(try versionTwo(own: "1000", above: "2000").usage() == MemoryUsage(limit: 2000, used: 1700))
    #expect(try versionTwo(own: "650", above: "2000").usage() == MemoryUsage(limit: 650, used: 600))
  }

  @Test("Version 1: the same, and its greatest number is no limit")
  func versionOne() throws {
    let none = "9223372036854771712"
    #expect(try versionOne(own: none, above: none).usage() == nil)
    #expect(try versionOne(own: "1000", above: none).usage() == MemoryUsage(limit: 1000, used: 600))
    #expect(try versionOne(own: none, above: "2000").usage() == MemoryUsage(limit: 2000, used: 1700))
  }

  @Test("A limit that changes is seen at the next reading")
  func changed() throws {
    let limit = try versionTwo(own: "1000")
    #expect(limit.usage()?.limit == 1000)
    try write(["sys/fs/cgroup/pod/edge/memory.max": "800\n"])
    #expect(limit.usage()?.limit == 800)
    try write(["sys/fs/cgroup/pod/edge/memory.max": "max\n"])
    #expect(limit.usage() == nil)
  }

  @Test("Without statistics all of the use counts, and never less than nothing")
  func statistics() throws {
    let limit = try versionTwo(own: "1000")
    let statistics = "sys/fs/cgroup/pod/edge/memory.stat"
    for (text, used) in [
      ("", 700), ("inactive_file x\n", 700), ("inactive_file 800\n", 0), ("inactive_file 699", 1),
      ("workingset_inactive_file 5\n", 700),
    ] {
      try write([statistics: text])
      #expect(limit.usage() == MemoryUsage(limit: 1000, used: UInt64(used)))
    }
    try FileManager.default.removeItem(at: root.appending(path: statistics))
    #expect(limit.usage() == MemoryUsage(limit: 1000, used: 700))
  }

  @Test(
    "A file that holds no limit is none",
    arguments: ["", "0\n", "-1\n", "1k\n", "99999999999999999999\n", String(repeating: "1", count: 1_000)])
  func broken(text: String) throws {
    #expect(try versionTwo(own: text).usage() == nil)
  }

  @Test("A machine without control groups has no limit, and this one can be read")
  func machines() {
    #expect(MemoryLimit(root: root.path).usage() == nil)
    if let usage = MemoryLimit().usage() { #expect(usage.used > 1 << 20) }
  }
}
