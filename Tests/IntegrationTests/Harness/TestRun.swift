import Foundation
import Reactor
import Synchronization
import Testing

/// What all tests of one run share: the folder of the programs, a temporary folder that is deleted with the process,
/// and certificates.
///
/// `ours` has a hub, `edge-1` to `edge-6` and the expired `edge-old`; `theirs` is another deployment with `edge-1` and `edge-2`.
struct TestRun: Sendable {
  private static let made = Result { try TestRun() }
  private static let deploymentCount = Mutex(0)
  private static let ports: Range<UInt16> = 20_000..<32_000
  private static let nextPort = Mutex(UInt16.random(in: ports))

  static func shared() throws -> TestRun { try made.get() }

  let root: URL
  var ours: URL { root.appending(path: "ours") }
  var theirs: URL { root.appending(path: "theirs") }

  static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private init() throws {
    _ = ProcessResources.raiseDescriptorLimit()
    // OpenSSL writes to sockets that may be closed.
    signal(SIGPIPE, SIG_IGN)
    root = FileManager.default.temporaryDirectory.appending(
      path: "emojitrack-\(getpid())-\(UInt16.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    atexit {
      guard let run = try? TestRun.shared() else { return }
      try? FileManager.default.removeItem(at: run.root)
    }
    try Self.makeCertificates(log: log, ["--out", ours.path, "--edges", "6", "--expired", "edge-old"])
    try Self.makeCertificates(log: log, ["--out", theirs.path, "--edges", "2"])
  }

  private var log: URL { root.appending(path: "certificates.log") }

  /// A folder with new certificates of `hub` and `edge-1`, signed by the authority of `ours`.
  ///
  /// - Parameters:
  ///   - from: when they become valid, in the format of `date -d`; nil for an hour ago.
  ///   - until: when they expire; nil for in 30 days.
  func renewedCertificates(from: String? = nil, until: String? = nil) throws -> URL {
    let folder = try newFolder()
    for name in ["ca.pem", "ca.key"] {
      try FileManager.default.copyItem(at: ours.appending(path: name), to: folder.appending(path: name))
    }
    try Self.makeCertificates(
      log: folder.appending(path: "certificates.log"),
      ["--out", folder.path, "--edges", "1"] + (from.map { ["--from", $0] } ?? [])
        + (until.map { ["--until", $0] } ?? []))
    return folder
  }

  private static func makeCertificates(log: URL, _ arguments: [String]) throws {
    let script = package.appending(path: "Deploy/certificates.sh").path
    let run = try ChildProcess(
      "certificates.sh", "bash", [script] + arguments, log: log.path)
    let end = try run.waitForEnd(within: .seconds(60))
    try #require(end == .exited(0), "\(run.log)")
  }

  /// A new folder. Its name is short, because a unix socket's path may have 107 bytes only.
  func newFolder() throws -> URL {
    let number = Self.deploymentCount.withLock { count in
      count += 1
      return count
    }
    let folder = root.appending(path: "\(number)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  /// The path of one of our programs: in the folder that `EMOJITRACK_BINARIES` names, otherwise beside the tests.
  static func binary(_ name: String) throws -> String {
    let folder: URL
    if let named = ProcessInfo.processInfo.environment["EMOJITRACK_BINARIES"] {
      folder = URL(filePath: named, relativeTo: package)
    } else {
      folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    }
    let candidates = [folder, package.appending(path: ".build/debug")].map { $0.appending(path: name).path }
    return try #require(
      candidates.first { FileManager.default.isExecutableFile(atPath: $0) },
      "\(name) is not in \(folder.path)")
  }

  /// An unused port, outside of the range from which the kernel takes ports for clients. A process may not listen on
  /// its port yet, so ports are given in sequence, starting at one that depends on the run.
  static func freePort() throws -> UInt16 {
    for _ in 0..<100 {
      let port = nextPort.withLock { next in
        defer { next = next + 1 < ports.upperBound ? next + 1 : ports.lowerBound }
        return next
      }
      let addresses = ["127.0.0.1", "::1"].compactMap { SocketAddress(numericHost: $0, port: port) }
      if addresses.allSatisfy({ (try? ListeningSocket(on: $0)) != nil }) { return port }
    }
    throw TimedOut(description: "no port is free")
  }
}

/// Notices that a test has failed, so that the logs of its processes are printed.
enum FailureWatch {
  private static let failures = Mutex<[Test.ID?: Int]>([:])

  /// The number of issues that the present test has recorded so far.
  static var count: Int { failures.withLock { $0[Test.current?.id] ?? 0 } }

  /// The trait that notices them.
  static var trait: IssueHandlingTrait {
    .compactMapIssues { issue in
      failures.withLock { $0[Test.current?.id, default: 0] += 1 }
      return issue
    }
  }
}
