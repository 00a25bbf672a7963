import Foundation
import Primitives
import Testing

extension IntegrationTests {
  /// Not part of the gate: `Scripts/clients.sh` runs it. `Docs/clients.md` has the results.
  @Suite("Client libraries on a journey", .enabled(if: ClientFolder.isThere, ClientFolder.isMissing))
  struct ClientJourneyTests {
    /// The result of a library that is used as its documentation shows.
    private enum Outcome: String {
      /// Its totals are those in Redis.
      case exact
      /// Its program, or its iteration, ended with the stream.
      case endsWithStream
      /// Its program, or its iteration, ended when the stream was cut off, and not before.
      case endsWhenCut
      /// It is running, with other totals.
      case wrong
    }

    private static let expected: [String: Outcome] = [
      "httpx-sse": .endsWithStream, "sseclient-py": .endsWithStream, "aiosseclient": .endsWithStream,
      "py-sse-client": .endsWithStream, "launchdarkly-eventsource": .endsWithStream, "curl": .endsWithStream,
      "node": .endsWithStream, "aiohttp-sse-client": .endsWhenCut, "sseclient": .exact,
      "requests-sse": .exact, "deno": .exact, "node-kept": .exact, "node-eventsource": .exact,
      "go-eventsource": .exact,
    ]

    @Test(
      "Behind HAProxy, each library behaves as Docs/clients.md says",
      .enabled(if: Proxy.hasHAProxy, Proxy.isMissing))
    func table() throws {
      try Deployment.run(ClientJourney.options) { deployment in
        let proxy = try Proxy.haproxy(deployment.edges, in: deployment.folder)
        let url = "http://\(proxy.address)/subscribe/eps?resume=1&snapshot=1"
        let printers = try ClientFolder.commands.map {
          try ScorePrinter($0.name, $0.command + [url], environment: $0.environment, in: deployment)
        }
        var stations: [String: Set<ClientJourney.Station>] = [:]
        let journey = ClientJourney(deployment, patience: .seconds(8)) { station in
          for printer in printers where printer.process.poll() == nil {
            stations[printer.name, default: []].insert(station)
          }
        }
        let truth = try journey.run(printers.count, leavesNobody: false)
        try? wait(for: "all totals", within: .seconds(20)) {
          printers.allSatisfy { $0.process.poll() != nil || $0.book.totals == truth }
        }
        for printer in printers {
          let seen = stations[printer.name] ?? []
          #expect(seen.contains(.start), "\(printer.name): \(printer.end)")
          let outcome: Outcome =
            if printer.process.poll() == nil { printer.book.totals == truth ? .exact : .wrong } else {
              seen.contains(.drainAgain) ? .endsWhenCut : .endsWithStream
            }
          // curl does not parse events.
          #expect(printer.book.counts["snapshot"] != nil || printer.name == "curl", "\(printer.name)")
          print("client: \(printer.name): \(outcome), \(printer.book.counts)")
          #expect(outcome == Self.expected[printer.name], "\(printer.name): \(printer.end)")
        }
      }
    }

    @Test("The recipes are exact with the newest libraries too")
    func recipes() throws {
      try Deployment.run(ClientJourney.options) { deployment in
        let folders = ["httpx": "httpx-sse", "requests": "sseclient-py", "aiohttp": "aiosseclient"]
        let commands = folders.map { name, folder in
          let script = TestRun.package.appending(path: "Examples/clients/\(name)_client.py").path
          let library = ClientFolder.python("", folder).environment["PYTHONPATH"] ?? ""
          return (name: name, command: ["env", "PYTHONPATH=\(library)", "python3", script])
        }
        try RecipesTests.expectExact(commands, in: deployment)
      }
    }

    @Test("On a quiet stream, each Python library delivers an event within 100 ms of the tweet")
    func quiet() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      try Deployment.run(options) { deployment in
        let url = "http://\(try deployment.edges[0].address)/subscribe/eps"
        let names = ["requests"] + ClientFolder.pythonLibraries
        let printers = try names.map { name in
          let command = ClientFolder.python("follow.py", name == "requests" ? "sseclient-py" : name)
          return try ScorePrinter(
            name, command.command + [name, url], environment: command.environment, in: deployment)
        }
        try wait(for: "all", within: .seconds(30)) {
          try deployment.edges[0].metrics()["emojitrack_edge_clients{stream=\"eps\"}"] == Double(names.count)
        }
        let redis = try deployment.redis.client()
        var moments: [Double] = []
        for _ in 1...6 {
          // Below the 5 s after which httpx closes a silent stream.
          letPass(.seconds(2))
          moments.append(Date().timeIntervalSince1970)
          try redis.tweet(["2665"])
        }
        letPass(.milliseconds(500))
        for printer in printers {
          let times = printer.process.log.split(separator: "\n").filter { $0.hasPrefix("# at ") }
            .compactMap { Double($0.dropFirst(5)) }
          #expect(times.count == moments.count, "\(printer.name): \(printer.end)")
          let delays = zip(times, moments).map { Int(($0 - $1) * 1_000) }
          print("client: \(printer.name): after \(delays) ms")
          #expect(delays.allSatisfy { $0 < 100 }, "\(printer.name): \(delays)")
        }
      }
    }
  }
}
