import Foundation
import Testing

/// What the manifests in `Deploy/kubernetes` and the document about them name exists in the programs.
@Suite("Manifests for Kubernetes") struct KubernetesTests {
  private static let folder = "Deploy/kubernetes"
  private static let files = SourceTree.paths(below: folder, ending: [".yaml"]) + ["Docs/kubernetes.md"]

  @Test("There is something to look at")
  func filesAreFound() {
    #expect(Self.files.count > 15)
  }

  @Test("A variable is one of the program's settings")
  func variables() throws {
    var count = 0
    for path in Self.files {
      let settings = try Self.settings(for: path)
      for match in try SourceTree.text(path).matches(of: /EMOJITRACK(?:_[A-Z0-9]+)+/) {
        count += 1
        #expect(settings.contains("`\(match.output)`"), "\(path) sets \(match.output)")
      }
    }
    #expect(count > 20)
  }

  @Test("A metric is in the code")
  func metrics() throws {
    let code = SourceTree.sources.map(\.text).joined()
    var count = 0
    for path in Self.files {
      for match in try SourceTree.text(path).matches(of: /emojitrack_(?:edge|hub)(?:_[a-z]+)+/) {
        count += 1
        #expect(code.contains("\"\(match.output)\""), "\(path) names \(match.output)")
      }
    }
    #expect(count > 3)
  }

  @Test(
    "A pod of an edge has the time that its drain takes, and 10 s to spare",
    arguments: ["edge/stateful-set.yaml", "overlays/host-network/edge.yaml"])
  func grace(path: String) throws {
    let pod = try SourceTree.text("\(Self.folder)/\(path)")
    let settings = try SourceTree.text("\(Self.folder)/edge/kustomization.yaml")
    let grace = try Self.number(/terminationGracePeriodSeconds: (\d+)/, in: pod)
    let sleep = try Self.number(/sleep: \{ seconds: (\d+) \}/, in: pod)
    let announce = try Self.number(/EMOJITRACK_DRAIN_ANNOUNCE=(\d+)s/, in: settings)
    let window = try Self.number(/EMOJITRACK_DRAIN_WINDOW=(\d+)s/, in: settings)
    #expect(grace >= sleep + announce + window + 10)
  }

  private static func number(_ pattern: Regex<(Substring, Substring)>, in text: String) throws -> Int {
    let match = try #require(text.firstMatch(of: pattern))
    return try #require(Int(match.output.1))
  }

  /// The tables of settings of the program that a file is about; of both, if it is about both.
  private static func settings(for path: String) throws -> String {
    let document = try SourceTree.text("Docs/configuration.md")
    var programs = ["emojitrack-hub", "emojitrack-edge"]
    if path.hasPrefix("\(folder)/hub/") { programs.removeLast() }
    if path.hasPrefix("\(folder)/edge/") { programs.removeFirst() }
    return try programs.map { program in
      let start = try #require(document.range(of: "<!-- settings of \(program) -->"))
      let rest = document[start.upperBound...]
      let end = try #require(rest.range(of: "<!-- end -->"))
      return String(rest[..<end.lowerBound])
    }.joined()
  }
}
