/// The folders of the control groups that may limit the memory of a process, in one version of cgroups.
///
/// A process is limited by its own group and by each group above it (cgroups(7)). `/proc/self/cgroup` has the path of
/// its own group within the hierarchy, and `/proc/self/mountinfo` (proc(5)) where which part of the hierarchy is mounted: in a
/// container often the container's own part alone.
package struct MemoryGroups: Equatable, Sendable {
  /// The versions of cgroups, which name their files differently.
  package enum Version: Equatable, Sendable {
    case one
    case two
  }

  /// Groups further above are not looked at: some levels are usual, and the reading is repeated each second.
  static let levelsMaximum = 32
  /// Longer lines are ignored. A line of mountinfo has two paths of 4,096 bytes at most.
  static let lineMaximum = 16 * 1024

  /// The version of these groups.
  package let version: Version
  /// The absolute paths of the folders: the process's own group first, and then the one above.
  package let folders: [String]

  /// Finds the groups in each version that the machine has; a machine may have both, and limit memory in one.
  ///
  /// - Parameters:
  ///   - membership: the content of `/proc/self/cgroup`.
  ///   - mounts: the content of `/proc/self/mountinfo`.
  package static func all(membership: [UInt8], mounts: [UInt8]) -> [MemoryGroups] {
    let mounts = lines(of: mounts).compactMap { Mount($0) }
    return lines(of: membership).compactMap { line in
      guard let membership = Membership(line) else { return nil }
      let matching = mounts.filter { $0.version == membership.version }
        .compactMap { mount in mount.levels(of: membership.path).map { (mount, $0) } }
      // Of several mounts, the one that shows most of the groups above.
      guard let (mount, levels) = matching.max(by: { $0.1.count < $1.1.count }) else { return nil }
      let folders = (0...levels.count).reversed().map { count in
        (mount.point == "/" ? "" : mount.point) + levels.prefix(count).map { "/\($0)" }.joined()
      }
      return MemoryGroups(version: membership.version, folders: Array(folders.prefix(levelsMaximum)))
    }
  }

  private static func lines(of text: [UInt8]) -> [String] {
    text.split(separator: UInt8(ascii: "\n")).filter { $0.count <= lineMaximum }
      .map { String(decoding: $0, as: UTF8.self) }
  }
}

/// A line of `/proc/self/cgroup` about memory: `4:memory:/a/b` in version 1, `0::/a/b` in version 2.
private struct Membership {
  let version: MemoryGroups.Version
  let path: String

  init?(_ line: String) {
    let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard fields.count == 3 else { return nil }
    if fields[0] == "0", fields[1].isEmpty {
      version = .two
    } else if fields[1].split(separator: ",").contains("memory") {
      version = .one
    } else {
      return nil
    }
    path = String(fields[2])
  }
}

/// A mounted hierarchy that may limit memory.
private struct Mount {
  let version: MemoryGroups.Version
  /// The group that the mount point shows.
  let root: [Substring]
  let point: String

  /// `36 35 98:0 /root /point rw,noatime master:1 - cgroup cgroup rw,memory`; the number of fields before the hyphen varies.
  init?(_ line: String) {
    let fields = line.split(separator: " ")
    guard let hyphen = fields.firstIndex(of: "-"), hyphen >= 6, fields.count > hyphen + 3 else { return nil }
    switch fields[hyphen + 1] {
    case "cgroup2": version = .two
    case "cgroup" where fields[hyphen + 3].split(separator: ",").contains("memory"): version = .one
    default: return nil
    }
    root = Self.unescaped(fields[3]).split(separator: "/")
    point = Self.unescaped(fields[4])
  }

  /// The names from the mount point down to a group; nil if the mount does not show the group.
  func levels(of path: String) -> [Substring]? {
    let names = path.split(separator: "/")
    // A group outside of the process's namespace is shown as `/../x`.
    guard names.starts(with: root), !names.contains(".."), !root.contains("..") else { return nil }
    return Array(names.dropFirst(root.count))
  }

  /// Spaces, tabs, line feeds and backslashes are three octal digits after a backslash.
  private static func unescaped(_ field: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = field.utf8[...]
    while let byte = rest.popFirst() {
      let digits = String(decoding: rest.prefix(3), as: UTF8.self)
      if byte == UInt8(ascii: "\\"), let code = UInt8(digits, radix: 8) {
        bytes.append(code)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
