import Foundation
import Testing

extension IntegrationTests {
  @Suite("The recipes for clients", .patient)
  struct RecipesTests {
    /// A recipe, and what it needs.
    private struct Recipe {
      let name: String
      /// The module that it imports; nil is none but Python's own.
      let module: String?
    }

    private static let recipes = [
      Recipe(name: "httpx", module: "httpx"), Recipe(name: "requests", module: "requests"),
      Recipe(name: "aiohttp", module: "aiohttp"), Recipe(name: "urllib", module: nil),
    ]

    /// The command of each recipe whose library is there; of the others, it is said that they are skipped.
    private static func commands() -> [(name: String, command: [String])] {
      recipes.compactMap { recipe in
        let probe = ["-c", "import sys, \(recipe.module ?? "json"); assert sys.version_info >= (3, 9)"]
        guard
          // On a developer's machine the first in `PATH` may not have what apt has installed.
          let python = ["python3", "/usr/bin/python3"].first(where: {
            ChildProcess.succeeds($0, probe)
          })
        else {
          print(
            "the recipe for \(recipe.name) is skipped: its library is missing; Deploy/install.sh --with-clients gets it"
          )
          return nil
        }
        let script = TestRun.package.appending(path: "Examples/clients/\(recipe.name)_client.py")
        return (recipe.name, [python, script.path])
      }
    }

    @Test(
      "Each is exact through three drains, an edge that is killed, and a Redis that is emptied, and starts over only then"
    )
    func exact() throws {
      let commands = Self.commands()
      guard !commands.isEmpty else { try Test.cancel("there is no Python") }
      try Deployment.run(ClientJourney.options) { deployment in
        try Self.expectExact(commands, in: deployment)
      }
    }

    /// Sends recipes on their journey. Each is given both edges.
    static func expectExact(
      _ commands: [(name: String, command: [String])], environment: [String: String] = [:],
      in deployment: Deployment
    ) throws {
      let urls = try deployment.edges.map { "http://\(try $0.address)/subscribe/eps?resume=1&snapshot=1" }
      let printers = try commands.map {
        try ScorePrinter($0.name, $0.command + urls, environment: environment, in: deployment)
      }
      let totals = try ClientJourney(deployment).run(printers.count)
      for printer in printers {
        try? wait(for: "the totals of \(printer.name)") { printer.book.totals == totals }
        let book = printer.book
        #expect(book.totals == totals, "\(printer.name): \(printer.end)")
        #expect(book.counts["snapshot"] == 2, "\(printer.name): \(book.counts)")
        #expect(book.resets == [#"{"reason":"new_lineage"}"#], "\(printer.name)")
      }
    }
  }
}
