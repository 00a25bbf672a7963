import Foundation
import Testing

/// Comments, documents and texts are plain English: they name the thing, put the verb second, and have one idea in a
/// sentence.
@Suite("Prose") struct ProseTests {
  /// Turns of phrase that a reader stumbles over, and what to write instead.
  private static let banned = [
    "can not": "cannot",
    "needs not": "need not",
    "whoever": "name the thing: the client, the edge",
    "nobody who": "name the thing: no client that",
    "nobody else": "only …, or: no other …",
    "those who ": "those that, or name them",
    "everybody who": "each client that",
    "of which nothing": "a clause of its own",
    "for it is": "because it is",
    "what came of": "the result of, or: by outcome",
    " anew": "again, or: start over",
    "all the same": "nevertheless",
    "at the most ": "at most",
    "at the most.": "at most",
    "at the most,": "at most",
    "at the least": "at least",
    "for want of": "because it lacks",
    "is of no use": "has no effect, or: is useless",
    "holds good": "is valid",
    "hold good": "are valid",
    "are told of": "learn of",
    "is told of": "learns of",
    "whom a": "name the thing: the clients that a",
    "that a certificate can bear": "that a certificate can contain",
  ]

  /// Words of Redis, which a test repeats.
  private static let quoted = ["MULTI calls can not be nested"]

  @Test("A document has no banned turn of phrase")
  func documents() throws {
    let paths = SourceTree.paths(below: ".", ending: [".md"])
      .filter { !$0.contains(".build") && !$0.contains(".run") && !$0.contains(".git/") }
    #expect(paths.count > 20)
    for path in paths { try check(SourceTree.text(path), of: path) }
  }

  @Test("A comment and a text in the code have no banned turn of phrase")
  func code() {
    for file in SourceTree.sources + SourceTree.tests where file.target != "TidyTests" {
      check(file.text, of: file.path)
    }
  }

  @Test(
    "A page, a script, an alert and an example have no banned turn of phrase",
    arguments: [
      "Deploy", "Scripts", "Examples", "Sources/Pages/Files", "Tests/Clients",
    ])
  func files(below folder: String) throws {
    let endings = [
      ".sh", ".yaml", ".json", ".service", ".socket", ".js", ".html", ".css", ".py", ".rb", ".lua", ".go",
      ".cfg",
      ".conf", ".vcl", ".http", ".config",
    ]
    let paths = SourceTree.paths(below: folder, ending: endings)
    #expect(!paths.isEmpty)
    for path in paths { try check(SourceTree.text(path), of: path) }
  }

  private func check(_ text: String, of path: String) {
    // The whole text is searched first, because most have none of them.
    let lower = Data(text.lowercased().utf8)
    for (phrase, better) in Self.banned where lower.range(of: Data(phrase.utf8)) != nil {
      for line in text.split(separator: "\n") where line.lowercased().contains(phrase) {
        guard !Self.quoted.contains(where: { line.contains($0) }) else { continue }
        Issue.record("\(path): '\(phrase)' (\(better)): \(line.prefix(120))")
      }
    }
  }
}
