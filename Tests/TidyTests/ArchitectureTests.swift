import Foundation
import Testing

/// What `Sources/README.md` draws is true of the code.
@Suite("The architecture") struct ArchitectureTests {
  /// The targets without I/O, clock, lock and thread, and what each may import.
  private static let pure: [String: Set<String>] = [
    "Primitives": ["PlantedFaults"],
    "Wire": ["Primitives", "PlantedFaults"],
    "HTTP": ["Primitives", "PlantedFaults"],
    "HTTP2": ["HTTP"],
    "Pages": ["HTTP"],
    "HubCore": ["Primitives", "Wire", "HTTP", "Pages", "PlantedFaults"],
    "EdgeCore": ["Primitives", "Wire", "HTTP", "HTTP2", "Pages", "PlantedFaults"],
  ]
  /// The targets that may contain unsafe code.
  private static let outsideWorld: Set = ["Redis", "TLS", "Uring", "Reactor", "Transport", "PlantedFaults"]
  /// Each C module, and the one target that makes it safe.
  private static let modulesOfC = [
    "CHiredis": "Redis", "COpenSSL": "TLS", "CUring": "Uring", "CLinux": "Reactor",
  ]

  @Test("There is something to look at")
  func filesAreFound() {
    #expect(SourceTree.sources.count > 400)
    #expect(Set(Self.pure.keys).isSubset(of: Set(SourceTree.sources.map(\.target))))
  }

  @Test("A pure target imports pure targets alone", arguments: pure.keys.sorted())
  func imports(target: String) {
    for file in SourceTree.sources where file.target == target {
      let foreign = Set(file.imports).subtracting(Self.pure[target] ?? [])
      #expect(foreign.isEmpty, "\(file.path) imports \(foreign.sorted().joined(separator: ", "))")
    }
  }

  /// The benchmark's floor is a bare loop over the system's own calls, so that an edge is not compared with our own code.
  private static let floor = "Sources/Bench/Floor/"

  @Test("Unsafe code is in the targets of the outside world alone")
  func unsafe() {
    for file in SourceTree.sources
    where !Self.outsideWorld.contains(file.target) && !file.path.hasPrefix(Self.floor) {
      for line in file.code where line.split(whereSeparator: { !$0.isLetter && $0 != "_" }).contains("unsafe")
      {
        Issue.record("\(file.path): \(line)")
      }
    }
  }

  @Test("One target alone imports a C module")
  func cModules() {
    for file in SourceTree.sources {
      for module in file.imports {
        if let owner = Self.modulesOfC[module] {
          #expect(file.target == owner, "\(file.path) imports \(module)")
        }
      }
    }
  }

  /// Nothing outside this package imports its modules. What is `package` needs a comment only where there is something
  /// to say.
  @Test("No declaration is public")
  func access() {
    for file in SourceTree.sources {
      for line in file.code
      where line.split(separator: " ").prefix(3).contains(where: { $0.hasPrefix("public") || $0 == "open" }) {
        Issue.record("\(file.path): \(line)")
      }
    }
  }
}
