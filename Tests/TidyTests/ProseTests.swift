import Foundation
import Testing

/// Comments and documents are plain English: they name the thing, put the verb second, and have one idea in a sentence.
@Suite("Prose") struct ProseTests {
  /// Turns of phrase that a reader stumbles over, and what to write instead.
  private static let banned = [
    "can not": "cannot",
    "needs not": "need not",
    "whoever": "name the thing: the client, the edge",
    "nobody who": "name the thing: no client that",
    "those who": "those that, or name them",
    "everybody who": "each client that",
    "of which nothing": "a clause of its own",
    "for it is": "because it is",
    "what came of": "the result of",
  ]

  @Test("A document has no banned turn of phrase")
  func documents() throws {
    let paths = SourceTree.paths(below: ".", ending: [".md"])
      .filter { !$0.contains(".build") && !$0.contains(".run") && !$0.contains(".git/") }
    #expect(paths.count > 20)
    for path in paths {
      try check(SourceTree.text(path).split(separator: "\n"), of: path)
    }
  }

  @Test("A comment has no banned turn of phrase")
  func comments() {
    for file in SourceTree.sources + SourceTree.tests where file.target != "TidyTests" {
      check(file.comments, of: file.path)
    }
  }

  private func check(_ lines: [Substring], of path: String) {
    for line in lines {
      let lower = line.lowercased()
      for (phrase, better) in Self.banned where lower.contains(phrase) {
        Issue.record("\(path): '\(phrase)' (\(better)): \(line.prefix(120))")
      }
    }
  }
}
