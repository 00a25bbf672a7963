import Foundation
import Testing

/// A reader finds a thing where its name says, and files are short.
@Suite("Files and folders") struct FileTests {
  /// A longer file says why in a line that begins with this.
  private static let excuse = "// Longer than 250 lines: "
  private static let lengthMaximum = 250

  @Test("A file of the product has at most 250 lines, or says why not")
  func length() {
    for file in SourceTree.sources where file.lines.count > Self.lengthMaximum {
      #expect(
        file.lines.contains { $0.hasPrefix(Self.excuse) },
        "\(file.path) has \(file.lines.count) lines, and no line that begins with '\(Self.excuse)'")
    }
  }

  private static let functionLengthMaximum = 50

  @Test("A function of the product has at most 50 lines")
  func functionLength() {
    var count = 0
    for file in SourceTree.sources {
      for function in file.functions {
        count += 1
        #expect(
          function.lineCount <= Self.functionLengthMaximum,
          "\(file.path):\(function.line): \(function.lineCount) lines")
      }
    }
    #expect(count > 2_000)
  }

  /// Groups of functions, which have no type to be named for.
  private static let groups: Set = [
    // What OpenSSL calls: functions that C can point to.
    "Sources/TLS/Callbacks.swift"
  ]

  @Test("A file X.swift declares an X, and X+Y.swift extends it")
  func names() {
    let keywords: Set = [
      "struct", "class", "enum", "actor", "protocol", "extension", "func", "typealias", "macro",
    ]
    for file in SourceTree.sources where !Self.groups.contains(file.path) {
      let subject = file.name.split(separator: "+").first.map(String.init) ?? file.name
      let isDeclared = file.code.contains { line in
        let words = line.replacing("[UInt8]", with: "Array")
          .split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" })
        // A function is in lower case.
        return zip(words, words.dropFirst()).contains {
          keywords.contains(String($0)) && $1.lowercased() == subject.lowercased()
        }
      }
      #expect(isDeclared, "\(file.path) declares no \(subject)")
    }
  }

  @Test("The README of a target names each of its folders")
  func folders() throws {
    for (folder, path) in Self.foldersOfTargets() {
      let readme = try SourceTree.text("\(path)/README.md")
      let isNamed = ["`\(folder)/`", "`\(folder)`", "`\(folder)/"].contains { readme.contains($0) }
      #expect(isNamed, "\(path)/README.md does not name \(folder)/")
    }
  }

  /// Each folder that holds Swift files directly below a target.
  private static func foldersOfTargets() -> [(folder: String, target: String)] {
    var found: [String: Set<String>] = [:]
    for file in SourceTree.sources {
      let parts = file.path.split(separator: "/").map(String.init)
      if parts.count > 3 { found["\(parts[0])/\(parts[1])", default: []].insert(parts[2]) }
    }
    return found.flatMap { target, folders in folders.map { (folder: $0, target: target) } }
  }
}
