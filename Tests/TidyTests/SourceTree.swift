import Foundation

/// A Swift file of this package, read once.
struct SourceFile {
  /// Its path from the package's root, such as `Sources/Wire/Message.swift`.
  let path: String
  let text: String
  let lines: [Substring]

  /// The target that it belongs to: the folder below `Sources` or `Tests`.
  var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
  /// Its name without the ending.
  var name: String { path.split(separator: "/").last.map { String($0.dropLast(".swift".count)) } ?? "" }
  /// The lines of code, without those that are comments alone.
  var code: [Substring] { lines.filter { !Self.isComment($0) } }
  /// The modules that it imports.
  var imports: [String] {
    lines.compactMap { line in
      let words = line.split(separator: " ")
      guard let start = words.firstIndex(of: "import"), start <= 1 else { return nil }
      // `import func COpenSSL.OPENSSL_cleanse` names the module in front of the dot.
      return words.last?.split(separator: ".").first.map(String.init)
    }
  }

  /// The functions and initializers with a body, by their first lines, counted from 1. The body ends with a brace below
  /// the beginning, as the formatter puts it.
  var functions: [(line: Int, lineCount: Int)] {
    lines.indices.compactMap { start in
      guard Self.declaresFunction(lines[start]) else { return nil }
      let indentation = lines[start].prefix { $0 == " " }
      let rest = lines[(start + 1)...].prefix { line in
        line.isEmpty || line.hasPrefix("\(indentation) ") || line.hasPrefix("\(indentation))")
          || line.hasPrefix("\(indentation)where ")
      }
      guard rest.endIndex < lines.endIndex, lines[rest.endIndex] == "\(indentation)}" else { return nil }
      return (start + 1, rest.endIndex - start + 1)
    }
  }

  private static let modifiers: Set<Substring> = [
    "package", "private", "fileprivate", "static", "final", "override", "mutating", "nonmutating",
    "consuming",
    "convenience", "required", "nonisolated",
  ]

  private static func declaresFunction(_ line: Substring) -> Bool {
    let words = line.split(separator: " ").drop { modifiers.contains($0) || $0.hasPrefix("@") }
    return words.first.map { $0 == "func" || $0.hasPrefix("init(") || $0.hasPrefix("init?(") } ?? false
  }

  private static func isComment(_ line: Substring) -> Bool {
    line.drop { $0 == " " }.hasPrefix("//")
  }
}

extension String {
  /// Without one at its end.
  fileprivate func trimmingSuffix(_ suffix: String) -> Substring {
    hasSuffix(suffix) ? dropLast(suffix.count) : self[...]
  }
}

/// All Swift files below a folder of this package.
enum SourceTree {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let sources = files(below: "Sources")
  static let tests = files(below: "Tests")

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// The paths of all files below a folder with one of these endings.
  static func paths(below folder: String, ending endings: [String]) -> [String] {
    let all = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
    return (all?.compactMap { $0 as? String } ?? [])
      .filter { path in endings.contains { path.hasSuffix($0) } && !path.contains("/.") }
      .map { "\(folder)/\($0)" }.sorted()
  }

  private static func files(below folder: String) -> [SourceFile] {
    paths(below: folder, ending: [".swift"]).compactMap { path in
      (try? text(path)).map {
        SourceFile(
          path: path, text: $0,
          lines: $0.trimmingSuffix("\n").split(separator: "\n", omittingEmptySubsequences: false))
      }
    }
  }
}
