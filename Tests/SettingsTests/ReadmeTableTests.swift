import Foundation
import Service
import Testing

@testable import Edge
@testable import Feeder
@testable import Hub

/// The tables of settings in README.md are made from the settings. After a change of those, `make readme` runs this
/// test with `EMOJITRACK_WRITE_README` set, and it writes the tables instead of comparing them.
@Suite(.serialized) struct ReadmeTableTests {
  @Test(
    "The README's table of settings says what the executable's settings say",
    arguments: [HubDeclaration.command, EdgeDeclaration.command, FeederDeclaration.command])
  func tableIsCurrent(command: String) throws {
    let declarations: [any SettingsDeclaration] = [HubDeclaration(), EdgeDeclaration(), FeederDeclaration()]
    let declaration = try #require(declarations.first { type(of: $0).command == command })
    let file = Repository.root.appending(path: "README.md")
    let readme = try String(contentsOf: file, encoding: .utf8)
    let start = try #require(readme.range(of: "<!-- settings of \(command) -->\n"))
    let end = try #require(readme.range(of: "\n<!-- end -->", range: start.upperBound..<readme.endIndex))
    let table = TextTable.markdown(declaration.settings)
    if ProcessInfo.processInfo.environment["EMOJITRACK_WRITE_README"] != nil {
      try readme.replacingCharacters(in: start.upperBound..<end.lowerBound, with: table)
        .write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(readme[start.upperBound..<end.lowerBound] == table, "make readme brings it up to date")
    }
  }
}

/// Where this package is.
enum Repository {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
}
