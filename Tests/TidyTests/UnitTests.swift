import Foundation
import Testing

/// The units of systemd in `Deploy` agree with the programs, with their settings, and with the files beside them.
@Suite("Units of systemd") struct UnitTests {
  private static let services = ["emojitrack-hub.service", "emojitrack-edge@.service"]
  private static let units = services + ["emojitrack-edge@.socket"]
  /// Files that units name and that are in `Deploy`: examples, scripts, and drop-ins of systemd.
  private static var shipped: Regex<Substring> {
    /[a-z.]+\.d\/emojitrack[a-z-]*\.conf|[a-z]+\.example\.json|certificates\.sh/
  }

  /// The assignments of a unit, by key, with continued lines joined.
  private static func assignments(of unit: String) throws -> [String: [String]] {
    let text = try SourceTree.text("Deploy/\(unit)").replacing("\\\n", with: "")
    var assignments: [String: [String]] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      guard let equals = line.firstIndex(of: "=") else { continue }
      assignments[String(line[..<equals]), default: []].append(String(line[line.index(after: equals)...]))
    }
    return assignments
  }

  @Test("All units are tested")
  func all() throws {
    let found = SourceTree.paths(below: "Deploy", ending: [".service", ".socket", ".timer", ".target"])
    #expect(found.sorted() == Self.units.map { "Deploy/\($0)" }.sorted())
  }

  @Test("A service starts a program of this package, with flags that its settings have", arguments: services)
  func flags(unit: String) throws {
    let words = try #require(try Self.assignments(of: unit)["ExecStart"]?.first).split(separator: " ")
    #expect(try SourceTree.text("Package.swift").contains(".executable(name: \"\(words[0])\""))
    let document = try SourceTree.text("Docs/configuration.md")
    let table = try #require(document.range(of: "<!-- settings of \(words[0]) -->"))
    let flags = words.filter { $0.hasPrefix("--") && $0 != "--config" }
    #expect(flags.count == 3)
    for flag in flags {
      let key = flag.dropFirst(2).replacing("-", with: ".")
      #expect(document[table.upperBound...].contains("| `\(key)` |"), "\(unit): \(flag)")
    }
  }

  @Test("A file that a unit names is shipped", arguments: units)
  func files(unit: String) throws {
    let text = try SourceTree.text("Deploy/\(unit)")
    for match in text.matches(of: Self.shipped) {
      let path = SourceTree.root.appending(path: "Deploy/\(match.output)").path
      #expect(FileManager.default.fileExists(atPath: path), "\(unit) names \(match.output)")
    }
  }

  @Test(
    "The user of a service is made by sysusers.d, and its group may read what the service reads",
    arguments: services)
  func user(unit: String) throws {
    let assignments = try Self.assignments(of: unit)
    let user = try #require(assignments["User"]?.first)
    #expect(assignments["Group"]?.first == user)
    #expect(try SourceTree.text("Deploy/sysusers.d/emojitrack.conf").contains("\nu \(user) "))
    let modes = try SourceTree.text("Deploy/tmpfiles.d/emojitrack.conf")
    let words = try #require(assignments["ExecStart"]?.first).split(separator: " ")
    for path in words where path.hasPrefix("/") && !path.hasSuffix(".pem") {
      let pattern = path.hasSuffix(".key") ? "/etc/emojitrack/*.key" : String(path)
      let line = modes.split(separator: "\n").first {
        $0.split(separator: " ").dropFirst().first == pattern[...]
      }
      #expect(line?.contains(" 0640 root \(user) ") == true, "\(unit): \(path)")
    }
  }

  @Test("The time to stop is that of the longest usual drain, and more")
  func stop() throws {
    let limit = try #require(try Self.assignments(of: "emojitrack-edge@.service")["TimeoutStopSec"]?.first)
    let document = try SourceTree.text("Docs/configuration.md")
    let times = try ["drain.announce", "drain.window"].map { key in
      let row = try #require(document.split(separator: "\n").first { $0.hasPrefix("| `\(key)` |") })
      return try #require(row.firstMatch(of: /\| `(\d+)s` \|/).flatMap { Int($0.output.1) })
    }
    // 5 s after the window, the clients that are left are cut off.
    #expect(try #require(Int(limit)) >= times[0] + times[1] + 5)
  }

  @Test(
    "systemd reads the units without a complaint",
    .enabled(if: hasVerifier, "systemd-analyze is not installed"))
  func verify() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "units-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for unit in Self.units {
      // systemd looks for the program, which need not be installed here.
      let text = try SourceTree.text("Deploy/\(unit)").replacing(
        #/\nExecStart=[a-z-]+ /#, with: "\nExecStart=/bin/true ")
      try text.write(to: folder.appending(path: unit), atomically: true, encoding: .utf8)
    }
    let verifier = Process()
    verifier.executableURL = URL(filePath: "/usr/bin/systemd-analyze")
    verifier.arguments = ["verify", "--man=no"] + Self.units.map { folder.appending(path: $0).path }
    let output = Pipe()
    verifier.standardOutput = output
    verifier.standardError = output
    try verifier.run()
    let complaints = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    verifier.waitUntilExit()
    #expect(verifier.terminationStatus == 0 && complaints.isEmpty, "\(complaints)")
  }

  private static let hasVerifier = FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze")

  @Test("A setting of the kernel has a reason above it")
  func reasons() throws {
    let lines = try SourceTree.text("Deploy/sysctl.d/emojitrack-edge.conf").split(
      separator: "\n", omittingEmptySubsequences: false)
    var count = 0
    for (index, line) in lines.enumerated() where line.contains(#/^#?[a-z0-9_.]+ = /#) {
      count += 1
      #expect(lines[index - 1].hasPrefix("# "), "\(line)")
    }
    #expect(count > 3)
  }
}
