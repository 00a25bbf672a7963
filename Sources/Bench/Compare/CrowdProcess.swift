import Foundation

/// Additional clients of a stream in a process of their own; nothing is measured of them.
///
/// On one thread their cost would mix with that of the measured clients. They also run at a lower priority: a
/// thousand handshakes are work for the clients too.
final class CrowdProcess {
  private let process = Process()

  /// Starts them, and waits until they are connected.
  ///
  /// - Parameters:
  ///   - storm: whether all of them disconnect halfway and reconnect at once.
  ///   - seconds: how long they stay.
  init(of target: TargetURL, clients: Int, storm: Bool, seconds: Int, authority: String?) throws {
    process.executableURL = URL(filePath: "/usr/bin/nice")
    process.arguments =
      [try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"), "load"]
      + ["--url", target.description, "--clients", "\(clients)", "--storm", "\(storm ? clients : 0)"]
      + ["--seconds", "\(seconds)", "--connect-rate", "5000"]
      + (authority.map { ["--authority", $0] } ?? [])
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    let announcement = Pipe()
    process.standardError = announcement
    try process.run()
    let text = String(decoding: announcement.fileHandleForReading.availableData, as: UTF8.self)
    guard text.hasPrefix("measuring") else {
      throw RunFailure(description: "the crowd did not start: \(text)")
    }
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
  }
}
