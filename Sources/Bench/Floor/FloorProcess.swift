import Reactor

/// The bare loop in a process of its own, which ends with this object, when its standard input closes.
final class FloorProcess {
  private let process: ChildProcess
  /// The address of the loop.
  let target: TargetURL
  var id: Int32 { process.id }

  /// Starts the process.
  ///
  /// - Parameters:
  ///   - usesRing: whether it sends by io_uring; only without TLS.
  ///   - credentials: its certificate and key for TLS; nil for a plain server.
  init(
    rate: Double, bytes: Int, usesRing: Bool = false, credentials: (certificate: String, key: String)?
  ) throws {
    process = try ChildProcess(
      ["/proc/self/exe", "floor-server", "--rate", "\(rate)", "--bytes", "\(bytes)"]
        + ["--iouring", "\(usesRing)"]
        + (credentials.map { ["--certificate", $0.certificate, "--key", $0.key] } ?? []),
      hearing: .output)
    guard let port = UInt16(try process.firstWords().filter { !$0.isWhitespace }) else {
      throw RunFailure(description: "the bare loop did not start")
    }
    target = try TargetURL(
      parsing: "\(credentials == nil ? "http" : "https")://127.0.0.1:\(port)/subscribe/eps")
  }
}
