import Foundation
import Testing

/// Prometheus's own tool, which checks what we write for Prometheus. The package `prometheus` has it.
enum Promtool {
  /// Whether it is on this machine; without it, what it would check goes unchecked.
  static let isThere = isInstalled("promtool")

  /// Whether a program is in one of the usual places.
  static func isInstalled(_ name: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
    }
  }

  static let isMissing: Comment = "promtool is not installed: apt-get install prometheus"

  /// Runs it.
  ///
  /// - Returns: whether it found nothing wrong, and all that it printed.
  static func run(
    _ arguments: [String], input: [UInt8] = [], in folder: URL = TestRun.package
  ) throws -> (isGood: Bool, output: String) {
    let scratch = try TestRun.shared().newFolder()
    let inputFile = scratch.appending(path: "input")
    let outputFile = scratch.appending(path: "output")
    try Data(input).write(to: inputFile)
    try Data().write(to: outputFile)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["promtool"] + arguments
    process.currentDirectoryURL = folder
    process.standardInput = try FileHandle(forReadingFrom: inputFile)
    let output = try FileHandle(forWritingTo: outputFile)
    process.standardOutput = output
    process.standardError = output
    try process.run()
    process.waitUntilExit()
    return (
      process.terminationStatus == 0, String(decoding: try Data(contentsOf: outputFile), as: UTF8.self)
    )
  }
}
