import Testing

@testable import Reactor

@Suite("The control groups that limit memory") struct MemoryGroupsTests {
  private func groups(_ membership: String, _ mounts: String) -> [MemoryGroups] {
    MemoryGroups.all(membership: Array(membership.utf8), mounts: Array(mounts.utf8))
  }

  private static let two = "35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev - cgroup2 cgroup2 rw,nsdelegate\n"
  private static let one = "38 32 0:33 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n"

  @Test("Version 2: the own group, and each one above it")
  func versionTwo() {
    let found = groups("0::/system.slice/edge.service\n", Self.two)
    #expect(found.map(\.version) == [.two])
    #expect(
      found.first?.folders == [
        "/sys/fs/cgroup/system.slice/edge.service", "/sys/fs/cgroup/system.slice", "/sys/fs/cgroup",
      ])
  }

  @Test("Version 1: the hierarchy that has the controller of memory, alone or with others")
  func versionOne() {
    let membership = "9:cpu,cpuacct:/a\n8:hugetlb,memory:/b/c\n1:name=systemd:/d\n"
    let cpu = "37 32 0:32 / /sys/fs/cgroup/cpu rw shared:8 - cgroup cgroup rw,cpu,cpuacct\n"
    let found = groups(membership, cpu + Self.one)
    #expect(found.map(\.version) == [.one])
    #expect(
      found.first?.folders == [
        "/sys/fs/cgroup/memory/b/c", "/sys/fs/cgroup/memory/b", "/sys/fs/cgroup/memory",
      ])
  }

  @Test("A machine with both versions has groups in both")
  func both() {
    let unified = "36 32 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup rw\n"
    let found = groups("4:memory:/m\n0::/\n", Self.one + unified)
    #expect(found.map(\.version) == [.one, .two])
    #expect(found.map { $0.folders.last } == ["/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified"])
  }

  @Test("A container sees its own part of the hierarchy at the mount point")
  func container() {
    let mount = "38 32 0:33 /docker/abc /sys/fs/cgroup/memory ro master:9 - cgroup cgroup rw,memory\n"
    #expect(groups("4:memory:/docker/abc\n", mount).first?.folders == ["/sys/fs/cgroup/memory"])
    #expect(
      groups("4:memory:/docker/abc/in/it\n", mount).first?.folders == [
        "/sys/fs/cgroup/memory/in/it", "/sys/fs/cgroup/memory/in", "/sys/fs/cgroup/memory",
      ])
    // "/docker/abcd" begins with the same letters, and is another group.
    for other in ["/docker/abcd", "/docker", "/", "/../abc", "/docker/abc/../x"] {
      #expect(groups("4:memory:\(other)\n", mount).isEmpty)
    }
  }

  @Test("Of several mounts of one hierarchy, the one that shows most counts")
  func severalMounts() {
    let part = "39 32 0:33 /a /mnt rw - cgroup cgroup rw,memory\n"
    for mounts in [part + Self.one, Self.one + part] {
      #expect(groups("4:memory:/a/b\n", mounts).first?.folders.count == 3)
    }
  }

  @Test("Spaces and backslashes in paths")
  func escapes() {
    let mount = #"35 24 0:30 /a\040b /mnt/c\134d\040e rw - cgroup2 cgroup2 rw"# + "\n"
    #expect(groups("0::/a b/f\n", mount).first?.folders == [#"/mnt/c\d e/f"#, #"/mnt/c\d e"#])
  }

  @Test("A hierarchy that is mounted at the root")
  func atRoot() {
    let mount = "35 24 0:30 / / rw - cgroup2 cgroup2 rw\n"
    #expect(groups("0::/a\n", mount).first?.folders == ["/a", ""])
  }

  @Test(
    "Lines that are cut, or about something else, are ignored",
    arguments: [
      "", "35", "35 24 0:30 / /sys/fs/cgroup", "35 24 0:30 / /sys/fs/cgroup rw - cgroup2",
      "- cgroup2 cgroup2 rw", "35 24 0:30 / /sys rw - sysfs sysfs rw",
      "35 24 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,memory_x",
    ])
  func others(mount: String) {
    #expect(groups("0::/a\n4:memory:/a\n", mount).isEmpty)
    for membership in ["", "0", "0:", "0:memory", "x:cpu:/a", "1::/a"] {
      #expect(groups(membership, Self.two + Self.one).isEmpty)
    }
  }

  @Test("A group very far below the root, and a line without an end, are limited")
  func limits() {
    let levels = (1...100).map { "level\($0)" }
    let found = groups("0::/" + levels.joined(separator: "/") + "\n", Self.two)
    #expect(found.first?.folders.count == MemoryGroups.levelsMaximum)
    #expect(found.first?.folders.first?.hasSuffix("/level99/level100") == true)
    let long = String(repeating: "x", count: MemoryGroups.lineMaximum)
    #expect(groups("0::/\(long)\n", Self.two).isEmpty)
    #expect(groups("0::/a\n", "35 24 0:30 / /\(long) rw - cgroup2 cgroup2 rw\n").isEmpty)
  }
}
