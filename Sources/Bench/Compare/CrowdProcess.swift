import Reactor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Additional clients of a stream in a process of their own; nothing is measured of them.
///
/// On one thread their cost would mix with that of the measured clients. They also run at a lower priority: a
/// thousand handshakes are work for the clients too.
final class CrowdProcess {
  private let process: ChildProcess

  /// Starts them, and waits until they are connected.
  ///
  /// - Parameters:
  ///   - storm: whether all of them disconnect halfway and reconnect at once.
  ///   - seconds: how long they stay.
  init(of target: TargetURL, clients: Int, storm: Bool, seconds: Int, authority: String?) throws {
    let ourselves = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    process = try ChildProcess(
      ["/usr/bin/nice", ourselves, "load"]
        + ["--url", target.description, "--clients", "\(clients)", "--storm", "\(storm ? clients : 0)"]
        + ["--seconds", "\(seconds)", "--connect-rate", "5000"]
        + (authority.map { ["--authority", $0] } ?? []),
      hearing: .error)
    let text = try process.firstWords()
    guard text.hasPrefix("measuring") else {
      throw RunFailure(description: "the crowd did not start: \(text)")
    }
  }
}
