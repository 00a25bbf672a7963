import Foundation
import Service
import Testing

@testable import Edge
@testable import Feeder
@testable import Hub

/// The tables in `Docs/configuration.md` are generated from the settings. After a change of a setting, `make docs` runs this
/// test with `EMOJITRACK_WRITE_DOCS` set, and it writes the tables instead of comparing them.
@Suite(.serialized) struct ConfigurationTableTests {
  @Test(
    "The documented table of settings matches the executable's settings",
    arguments: [HubDeclaration.command, EdgeDeclaration.command, FeederDeclaration.command])
  func tableIsCurrent(command: String) throws {
    let declarations: [any SettingsDeclaration] = [HubDeclaration(), EdgeDeclaration(), FeederDeclaration()]
    let declaration = try #require(declarations.first { type(of: $0).command == command })
    let file = Repository.root.appending(path: "Docs/configuration.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let start = try #require(text.range(of: "<!-- settings of \(command) -->\n"))
    let end = try #require(text.range(of: "\n<!-- end -->", range: start.upperBound..<text.endIndex))
    let table = TextTable.markdown(declaration.settings)
    if ProcessInfo.processInfo.environment["EMOJITRACK_WRITE_DOCS"] != nil {
      try text.replacingCharacters(in: start.upperBound..<end.lowerBound, with: table)
        .write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(text[start.upperBound..<end.lowerBound] == table, "make docs brings it up to date")
    }
  }
}

/// The folder of this package.
enum Repository {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
}
