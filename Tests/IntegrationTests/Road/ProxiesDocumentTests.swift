import Foundation
import Testing

extension IntegrationTests {
  /// `Docs/proxies.md` names files and settings, which change with the examples.
  @Suite("The document about proxies", .patient)
  struct ProxiesDocumentTests {
    /// A proxy's section: its example, and the settings that begin its list items.
    private struct Section {
      let example: String
      let settings: [String]
    }

    private static func sections() throws -> [Section] {
      let text = try String(
        contentsOf: TestRun.package.appending(path: "Docs/proxies.md"), encoding: .utf8)
      return text.components(separatedBy: "\n### ").dropFirst().compactMap { part in
        // The part after another heading does not belong to the section.
        let part = part.components(separatedBy: "\n## ")[0]
        guard let example = part.prefix(while: { $0 != "\n" }).firstMatch(of: /\(\.\.\/Examples\/([^)]+)\)/)
        else { return nil }
        let settings = part.matches(of: /\n- `([^`]+)`/).map { String($0.1) }
        return Section(example: String(example.1), settings: settings)
      }
    }

    @Test("Each proxy has a section with its example, and each setting in it is in that example")
    func settings() throws {
      let sections = try Self.sections()
      #expect(Set(sections.map(\.example)) == Set(ProxyKind.all.map(\.example)))
      #expect(sections.count == ProxyKind.all.count)
      for section in sections {
        let text = try String(
          contentsOf: TestRun.package.appending(path: "Examples/\(section.example)"), encoding: .utf8)
        #expect(!section.settings.isEmpty || section.example == "h2o.yaml", "\(section.example)")
        #expect(section.settings.filter { !text.contains($0) } == [], "\(section.example)")
      }
    }

    @Test("The tables have a row for each proxy")
    func rows() throws {
      let text = try String(
        contentsOf: TestRun.package.appending(path: "Docs/proxies.md"), encoding: .utf8)
      for kind in ProxyKind.all {
        #expect(text.components(separatedBy: "\n| \(kind.name) | ").count == 3, "\(kind.name)")
      }
      for kind in ProxyKind.overHTTP2 {
        #expect(text.contains("\n| \(kind.name) | "), "\(kind.name)")
      }
    }
  }
}
