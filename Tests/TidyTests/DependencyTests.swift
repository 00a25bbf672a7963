import Foundation
import Testing

/// The tables of `Docs/dependencies.md` are complete, and the licences of what is compiled in come along.
@Suite("Dependencies") struct DependencyTests {
  private static let document = "Docs/dependencies.md"

  /// The rows of all tables: the cells by the titles of their columns, by the first cell.
  private static func rows() throws -> [String: [String: String]] {
    var rows: [String: [String: String]] = [:]
    var titles: [String]?
    for line in try SourceTree.text(document).split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        titles = nil
        continue
      }
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
        $0.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
      }
      guard let columns = titles else {
        titles = cells
        continue
      }
      rows[cells[0]] = Dictionary(zip(columns, cells)) { first, _ in first }
    }
    return rows
  }

  @Test("A package that Package.swift names has a row, with its range of versions")
  func packages() throws {
    let rows = try Self.rows()
    let manifest = try SourceTree.text("Package.swift")
    let matches = manifest.matches(of: /\.package\(url: "[^"]*\/([^"\/]+)", from: "([^"]+)"/)
    #expect(matches.count == manifest.matches(of: /\.package\(/).count && !matches.isEmpty)
    for match in matches {
      let needed = rows[String(match.output.1)]?["needed"]
      #expect(needed?.split(separator: ",").first == "from \(match.output.2)", "\(match.output.1)")
    }
  }

  @Test("A library of the system that Package.swift names has a row")
  func libraries() throws {
    let needed = try Self.rows().values.compactMap { $0["needed"] }.joined(separator: "\n")
    let matches = try SourceTree.text("Package.swift").matches(of: /\.apt\(\["([^"]+)"\]\)/)
    #expect(!matches.isEmpty)
    for match in matches { #expect(needed.contains(match.output.1), "\(match.output.1)") }
  }

  /// Packages that we do not name ourselves, too.
  @Test("A package that was resolved has a row")
  func resolved() throws {
    // There is none in the repository: it exists where something was built.
    guard let text = try? SourceTree.text("Package.resolved") else { return }
    let names = text.matches(of: /"identity" : "([^"]+)"/).map { String($0.output.1) }
    #expect(!names.isEmpty)
    let rows = try Self.rows()
    for name in names { #expect(rows[name]?["licence"] != nil, "\(name)") }
  }

  @Test("What is compiled in has its licence in the packages and in the images")
  func licences() throws {
    let copyright = try SourceTree.text("Deploy/debian/copyright")
    var count = 0
    for (name, cells) in try Self.rows() where cells["at release"] != nil && cells["in programs"] != "no" {
      count += 1
      let paragraph = copyright.split(separator: "\n\n").first { paragraph in
        paragraph.split(separator: "\n")[0].split(separator: " ").dropFirst()
          .contains { $0 == name.replacing(" ", with: "-") }
      }
      let licence = cells["licence"] == "Apache-2.0" ? "Apache-2.0\n" : "Apache-2.0 with Swift exception\n"
      #expect("\(paragraph ?? "")\n".contains("\nLicense: \(licence)"), "\(name)")
    }
    #expect(count > 5)
    #expect(try SourceTree.text("Deploy/container/Dockerfile").contains("Deploy/debian/copyright"))
  }

  @Test("The version in a command of a document is the present one")
  func version() throws {
    let source = try SourceTree.text("Sources/Service/Process/ServiceVersion.swift")
    let version = try #require(source.firstMatch(of: /current = "([^"]+)"/)?.output.1)
    var count = 0
    for match in try SourceTree.text("Docs/containers.md").matches(
      of: /(?:emojitrack-[a-z]+:|VERSION=)(\d+\.\d+\.\d+)/)
    {
      count += 1
      #expect(match.output.1 == version, "\(match.output.0)")
    }
    #expect(count > 3)
  }

  @Test("The product uses FoundationEssentials where it exists: all of Foundation would bring ICU")
  func foundation() {
    for file in SourceTree.sources {
      #expect(!file.lines.contains("import Foundation"), "\(file.path)")
    }
  }
}
