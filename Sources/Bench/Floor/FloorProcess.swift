import Foundation

/// The bare loop in a process of its own, for as long as this is held: it ends when its standard input does.
final class FloorProcess {
  private let process = Process()
  private let input = Pipe()
  /// Where it serves.
  let target: TargetURL
  /// Its id.
  var id: Int32 { process.processIdentifier }

  /// Starts it.
  ///
  /// - Parameter credentials: what it shows as a server of TLS; nil for none.
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
