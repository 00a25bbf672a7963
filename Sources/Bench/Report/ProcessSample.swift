#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The kernel's figures of a process at a moment.
struct ProcessSample: Equatable, Sendable {
  /// The CPU time of its threads, in nanoseconds. The time of a thread that has ended is not included.
  var cpuNanoseconds: UInt64 = 0
  /// How often its threads waited for something (voluntary context switches).
  var switchesVoluntary: UInt64 = 0
  /// How often its threads were preempted (involuntary context switches).
  var switchesInvoluntary: UInt64 = 0
  /// Its resident memory, in bytes.
  var residentBytes: UInt64 = 0

  /// Reads the figures of a process from `/proc`; nil if it does not exist or is not accessible.
  static func read(of process: Int32) -> ProcessSample? {
    let folder = "/proc/\(process)"
    guard let threads = try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/task"),
      let memory = fields("\(folder)/status", ["VmRSS"])["VmRSS"]
    else { return nil }
    var sample = ProcessSample(residentBytes: memory * 1024)
    for thread in threads {
      // The first number of schedstat is nanoseconds on a processor. The ticks in stat are only hundredths of a
      // second.
      let times = text("\(folder)/task/\(thread)/schedstat")?.split(separator: " ")
      sample.cpuNanoseconds += times?.first.flatMap { UInt64($0) } ?? 0
      let names = ["voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"]
      let switches = fields("\(folder)/task/\(thread)/status", names)
      sample.switchesVoluntary += switches[names[0]] ?? 0
      sample.switchesInvoluntary += switches[names[1]] ?? 0
    }
    return sample
  }

  /// The first number after each of these names in a file of `name: number` lines.
  private static func fields(_ path: String, _ names: [String]) -> [String: UInt64] {
    var found: [String: UInt64] = [:]
    for line in text(path)?.split(separator: "\n") ?? [] {
      let parts = line.split(whereSeparator: { ":\t ".contains($0) })
      guard parts.count > 1, names.contains(String(parts[0])) else { continue }
      found[String(parts[0])] = UInt64(parts[1])
    }
    return found
  }

  private static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
}
