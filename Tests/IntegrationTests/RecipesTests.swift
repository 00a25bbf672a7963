import Foundation
import Testing

extension IntegrationTests {
  @Suite("The recipes for clients", .patient)
  struct RecipesTests {
    /// A recipe, and the module that it needs.
    private struct Recipe {
      let name: String
      /// The module that it imports; nil if it needs only Python itself.
      let module: String?
    }

    private static let recipes = [
      Recipe(name: "httpx", module: "httpx"), Recipe(name: "requests", module: "requests"),
      Recipe(name: "aiohttp", module: "aiohttp"), Recipe(name: "urllib", module: nil),
    ]

    /// The command of each recipe whose library is installed. The test reports that the others are skipped.
    private static func commands(in folder: URL) -> [(name: String, command: [String])] {
      let examples = TestRun.package.appending(path: "Examples/clients")
      var commands = recipes.compactMap { recipe -> (name: String, command: [String])? in
        let probe = ["-c", "import \(recipe.module ?? "json")"]
        // On a developer's machine the first one in `PATH` may lack what apt has installed.
        let python = ["python3", "/usr/bin/python3"].first { ChildProcess.succeeds($0, probe) }
        return python.map {
          (recipe.name, [$0, examples.appending(path: "\(recipe.name)_client.py").path])
        }
      }
      let program = folder.appending(path: "recipe").path
      let build = ["build", "-o", program, examples.appending(path: "go/main.go").path]
      let environment = ["HOME": folder.path, "GO111MODULE": "off", "GOFLAGS": ""]
      if ChildProcess.succeeds("go", build, environment: environment) { commands.append(("go", [program])) }
      for name in recipes.map(\.name) + ["go"] where !commands.contains(where: { $0.name == name }) {
        let remedy =
          name == "go" ? "Scripts/clients.sh gets Go" : "Scripts/install.sh --with-clients gets its library"
        print("the recipe for \(name) is skipped: \(remedy)")
      }
      return commands
    }

    @Test(
      "Each is exact through three drains, a killed edge and an emptied Redis, and starts over only then"
    )
    func exact() throws {
      try Deployment.run(ClientJourney.options) { deployment in
        let commands = Self.commands(in: deployment.folder)
        guard !commands.isEmpty else { try Test.cancel("there is neither Python nor Go") }
        try Self.expectExact(commands, in: deployment)
      }
    }

    /// Runs recipes through the journey. Each gets both edges.
    static func expectExact(
      _ commands: [(name: String, command: [String])], in deployment: Deployment
    ) throws {
      let urls = try deployment.edges.map { "http://\(try $0.address)/subscribe/eps?resume=1&snapshot=1" }
      let printers = try commands.map {
        try ScorePrinter($0.name, $0.command + urls, in: deployment)
      }
      let totals = try ClientJourney(deployment).run(printers.count)
      for printer in printers {
        try? wait(for: "the totals of \(printer.name)") { printer.book.totals == totals }
        let book = printer.book
        #expect(book.totals == totals, "\(printer.name): \(printer.end)")
        #expect(book.counts["snapshot"] == 2, "\(printer.name): \(book.counts)")
        #expect(book.counts["message", default: 0] > 100, "\(printer.name)")
        #expect(book.resets == [#"{"reason":"new_lineage"}"#], "\(printer.name)")
      }
    }
  }
}
