import Primitives

/// Reads the memory limit of the process, and its use, from its control groups.
package struct MemoryLimit: Sendable {
  /// A machine that mounts thousands of folders lists them in less than this.
  private static let mountsMaximum = 4 << 20
  private static let membershipMaximum = 64 * 1024
  private static let statisticsMaximum = 64 * 1024
  private static let numberMaximum = 64
  /// A greater limit is none: version 1 gives the greatest number of pages for that, some 2^63 bytes.
  private static let unlimited: UInt64 = 1 << 60

  private let root: String
  private let groups: [MemoryGroups]

  /// Finds the groups of the process. Systemd and containers place it there before it starts, and leave it there.
  ///
  /// - Parameter root: the folder that has the `proc` to read; a test has its own.
  package init(root: String = "") {
    self.root = root
    groups = MemoryGroups.all(
      membership: Self.read("\(root)/proc/self/cgroup", Self.membershipMaximum) ?? [],
      mounts: Self.read("\(root)/proc/self/mountinfo", Self.mountsMaximum) ?? [])
  }

  /// The use of the group that is nearest to its limit: the process's own, or one above it, which may have other
  /// processes too. Nil without a limit. The files are read again, because limits may change at any time.
  package func usage() -> MemoryUsage? {
    groups.flatMap { groups in groups.folders.compactMap { usage(of: root + $0, groups.version) } }
      .max { $0.share < $1.share }
  }

  private func usage(of folder: String, _ version: MemoryGroups.Version) -> MemoryUsage? {
    let (limitFile, usageFile) =
      version == .one
      ? ("memory.limit_in_bytes", "memory.usage_in_bytes") : ("memory.max", "memory.current")
    // Version 2 has the word "max" for no limit.
    guard let limit = Self.number(in: "\(folder)/\(limitFile)"), limit > 0, limit < Self.unlimited,
      let used = Self.number(in: "\(folder)/\(usageFile)")
    else { return nil }
    let statistics = Self.read("\(folder)/memory.stat", Self.statisticsMaximum) ?? []
    let cache = Self.reclaimable(in: statistics, version)
    return MemoryUsage(limit: limit, used: used > cache ? used - cache : 0)
  }

  /// The bytes of files in memory that were not used lately, of the group and the groups below.
  private static func reclaimable(in statistics: [UInt8], _ version: MemoryGroups.Version) -> UInt64 {
    let name = Array((version == .one ? "total_inactive_file " : "inactive_file ").utf8)
    let line = statistics.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: name) }
    return line.flatMap { UInt64(String(decoding: $0.dropFirst(name.count), as: UTF8.self)) } ?? 0
  }

  private static func number(in path: String) -> UInt64? {
    read(path, numberMaximum).flatMap { bytes in
      UInt64(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
  }

  /// A file that is absent or too long is as one without the line that is looked for.
  private static func read(_ path: String, _ maximum: Int) -> [UInt8]? {
    try? PlainFile(path: path, maximumCount: maximum).bytes
  }
}
