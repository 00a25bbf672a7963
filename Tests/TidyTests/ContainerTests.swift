import Foundation
import Testing

/// What the image, the Compose file and the manifests for Kubernetes have in common is the same in all of them.
@Suite("Containers") struct ContainerTests {
  private static let dockerfile = "Deploy/container/Dockerfile"
  private static let compose = "Deploy/compose.yaml"
  private static let manifests = SourceTree.paths(below: "Deploy/kubernetes", ending: [".yaml"])

  @Test("A variable is a setting of a program")
  func variables() throws {
    let settings = try SourceTree.text("Docs/configuration.md")
    for path in [Self.dockerfile, Self.compose, "Docs/containers.md"] {
      let matches = try SourceTree.text(path).matches(of: /EMOJITRACK(?:_[A-Z0-9]+)+/)
      #expect(!matches.isEmpty)
      for match in matches {
        #expect(settings.contains("`\(match.output)`"), "\(path) sets \(match.output)")
      }
    }
  }

  @Test("The image that Compose and Kubernetes name is one that the Dockerfile builds")
  func names() throws {
    let dockerfile = try SourceTree.text(Self.dockerfile)
    let targets = Set(dockerfile.matches(of: /(?m)^FROM scratch AS ([a-z]+)$/).map { String($0.output.1) })
    #expect(targets == ["hub", "edge", "feeder"])
    var used: Set<String> = []
    for path in [Self.compose] + Self.manifests {
      for match in try SourceTree.text(path).matches(of: /ghcr.io\/example\/emojitrack-([a-z]+)/) {
        used.insert(String(match.output.1))
      }
    }
    #expect(used == targets)
  }

  @Test("A container of an edge has the time that its drain takes, and 10 s to spare")
  func grace() throws {
    let settings = try SourceTree.text("Docs/configuration.md")
    let announce = try Self.number(/`drain.announce`.*?`(\d+)s`/, in: settings)
    let window = try Self.number(/`drain.window`.*?`(\d+)s`/, in: settings)
    let compose = try SourceTree.text(Self.compose)
    let edge = try #require(compose.split(separator: "x-edge: &edge").last)
    #expect(try Self.number(/stop_grace_period: (\d+)s/, in: String(edge)) >= announce + window + 5 + 10)
  }

  @Test("The user is the same in the image, the Compose file and the manifests")
  func user() throws {
    #expect(try SourceTree.text(Self.dockerfile).matches(of: /USER 10001:10001\n/).count == 3)
    #expect(try SourceTree.text(Self.compose).contains(#"user: "10001:10001""#))
    for program in ["hub", "edge"] {
      let pod = try SourceTree.text("Deploy/kubernetes/\(program)/stateful-set.yaml")
      #expect(pod.contains("runAsUser: 10001\n") && pod.contains("runAsGroup: 10001\n"))
    }
  }

  private static func number(_ pattern: Regex<(Substring, Substring)>, in text: String) throws -> Int {
    let match = try #require(text.firstMatch(of: pattern))
    return try #require(Int(match.output.1))
  }
}
