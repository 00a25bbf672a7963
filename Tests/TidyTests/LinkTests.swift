import Foundation
import Testing

@Suite("Links in documents") struct LinkTests {
  @Test("A relative link leads to a file of the repository")
  func relativeLinks() throws {
    var count = 0
    let paths =
      ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"]
      + ["Docs", "Examples", "Sources", "Tests"].flatMap { SourceTree.paths(below: $0, ending: [".md"]) }
    for path in paths {
      let folder = SourceTree.root.appending(path: path).deletingLastPathComponent()
      for match in try SourceTree.text(path).matches(of: /\]\(([^)#\s]+)/) where !match.1.contains("://") {
        count += 1
        let target = folder.appending(path: String(match.1)).standardizedFileURL.path
        #expect(FileManager.default.fileExists(atPath: target), "\(path) links to \(match.1)")
      }
    }
    #expect(count > 40)
  }
}
