import Foundation
import Testing

/// Prometheus's own tool, which checks our files and metrics. The package `prometheus` contains it.
enum Promtool {
  /// Whether it is installed. Without it, those checks are skipped.
  static let isThere = isInstalled("promtool")

  /// Whether a program is in one of the usual folders.
  static func isInstalled(_ name: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
    }
  }

  static let isMissing: Comment = "promtool is not installed: apt-get install prometheus"

  /// Runs the tool.
  ///
  /// - Returns: whether it found no faults, and its output.
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
