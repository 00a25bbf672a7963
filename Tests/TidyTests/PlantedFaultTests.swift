import Foundation
import Testing

/// Each planted fault is in the product, and has tests that find it: `make mutants` runs them.
@Suite("Planted faults") struct PlantedFaultTests {
  private static let declaration = "Sources/PlantedFaults/PlantedFault.swift"

  private static let faults: [String] =
    SourceTree.sources.first { $0.path == declaration }?.code
    .compactMap { line in
      let words = line.split(separator: " ")
      return words.count == 2 && words[0] == "case" ? String(words[1]) : nil
    } ?? []

  @Test("There are at least 30")
  func count() {
    #expect(Self.faults.count >= 30)
  }

  @Test("Each is planted in one place", arguments: faults)
  func planted(fault: String) {
    let places = SourceTree.sources.filter { $0.path != Self.declaration }
      .flatMap(\.code).count { $0.contains("planted(.\(fault))") }
    #expect(places == 1)
  }

  @Test("Each has tests that must find it")
  func tests() throws {
    let table = try String(contentsOf: SourceTree.root.appending(path: "Tests/mutants.txt"), encoding: .utf8)
    let named = table.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(named == Self.faults)
  }
}
