import Foundation

/// The bare loop in a process of its own, which ends with this object, when its standard input closes.
final class FloorProcess {
  private let process = Process()
  private let input = Pipe()
  /// The address of the loop.
  let target: TargetURL
  var id: Int32 { process.processIdentifier }

  /// Starts the process.
  ///
  /// - Parameter credentials: its certificate and key for TLS; nil for a plain server.
  init(rate: Double, bytes: Int, credentials: (certificate: String, key: String)?) throws {
    let output = Pipe()
    process.executableURL = URL(
      filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    process.arguments =
      ["floor-server", "--rate", "\(rate)", "--bytes", "\(bytes)"]
      + (credentials.map { ["--certificate", $0.certificate, "--key", $0.key] } ?? [])
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let port = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    guard let port = UInt16(port.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw RunFailure(description: "the bare loop did not start")
    }
    target = try TargetURL(
      parsing: "\(credentials == nil ? "http" : "https")://127.0.0.1:\(port)/subscribe/eps")
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }
}
