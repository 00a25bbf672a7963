import Foundation
import Testing

/// What the threat model names as its proof exists.
@Suite("The threat model") struct ThreatModelTests {
  private static let document = "Docs/threat-model.md"

  @Test("Each test that it names is in the file that it links to")
  func tests() throws {
    let text = try SourceTree.text(Self.document)
    var count = 0
    for match in text.matches(of: /\[([A-Za-z0-9]+)\]\(\.\.\/(Tests\/[^)]+\.swift)\) "([^"]+)"/) {
      count += 1
      let path = String(match.output.2)
      #expect(path.hasSuffix("/\(match.output.1).swift"), "the link \(match.output.1) leads to \(path)")
      let file = SourceTree.tests.first { $0.path == path }
      #expect(
        file?.text.contains("\"\(match.output.3)\"") == true, "\(path) has no test \"\(match.output.3)\"")
    }
    // Each link to a file of tests is followed by a title, or the check would pass it over.
    #expect(count == text.matches(of: /\]\(\.\.\/Tests\//).count)
    #expect(count > 60)
  }

  @Test("Each trial that it names exists, and it names each trial")
  func trials() throws {
    let declarations = try SourceTree.text("Scripts/trials/trials.py")
    let declared = Set(
      declarations.matches(of: /(?m)^ +(?:Trial|http2)\("([a-z0-9-]+)"/).map { String($0.output.1) })
    let text = try SourceTree.text(Self.document)
    var named: Set<String> = []
    for list in text.matches(of: /trials? ((?:`[a-z0-9-]+`(?:, )?)+)/) {
      named.formUnion(list.output.1.matches(of: /`([a-z0-9-]+)`/).map { String($0.output.1) })
    }
    #expect(declared == named)
    #expect(declared.count > 20)
  }

  @Test("Each row has a proof")
  func rows() throws {
    let sections = try SourceTree.text(Self.document).split(separator: "\n## ")
    var count = 0
    for section in sections where section.contains("| threat | what prevents it | shown by |") {
      for row in section.split(separator: "\n").filter({ $0.hasPrefix("| ") }).dropFirst() {
        count += 1
        #expect(row.contains("](../Tests/") || row.contains("trial"), "\(row.prefix(80))")
      }
    }
    #expect(count > 30)
  }
}
