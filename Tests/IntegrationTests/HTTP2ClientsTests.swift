import Foundation
import Primitives
import Testing

extension IntegrationTests {
  @Suite("Clients of HTTP/2", .patientWithBrowser)
  struct HTTP2ClientsTests {
    private static func run(_ flags: [String] = [], _ body: (EdgeNode, Deployment) throws -> Void) throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.edgeFlags = flags
      options.secure = try TestRun.shared().ours
      try Deployment.run(options) { try body($0.edges[0], $0) }
    }

    // MARK: Browsers

    private static let open101 = """
      (window.sums = [], window.sources = [], window.open = () => {
         const index = sources.length
         sums.push(0)
         const source = new EventSource("/subscribe/eps")
         source.onmessage = (event) => {
           sums[index] += Object.values(JSON.parse(event.data)).reduce((a, b) => a + b, 0)
         }
         sources.push(source)
       }, [...Array(101)].forEach(open), true)
      """

    /// Opens 101 streams of one origin in a page.
    ///
    /// - Parameters:
    ///   - run: evaluates an expression whose value is `true`.
    ///   - number: evaluates an expression whose value is a number.
    private func expectHundred(
      _ edge: EdgeNode, _ deployment: Deployment, run: (String) throws -> Bool, number: (String) throws -> Int
    ) throws {
      _ = try run(Self.open101)
      let opened = "sources.filter((source) => source.readyState === 1).length"
      try wait(for: "100 streams", within: .seconds(20)) { try number(opened) == 100 }
      #expect(try edge.metrics()["emojitrack_edge_http2_connections"] == 1)
      let redis = try deployment.redis.client()
      for _ in 0..<20 { try redis.tweet(["1F4C2", "2665"]) }
      try wait(for: "the sums") { try number("sums.filter((sum) => sum === 40).length") == 100 }
      _ = try run("(sources[7].close(), true)")
      try wait(for: "the last stream") { try number("sources[100].readyState") == 1 }
      try redis.tweet(["1F4C2"])
      try wait(for: "its event") { try number("sums[100]") == 1 }
    }

    @Test("Chromium has a hundred streams of one origin, all exact, and the next opens when one closes")
    func chromium() throws {
      try Self.run { edge, deployment in
        let url = "https://\(try edge.secure().address)/healthz"
        let browser = try Browser(url, in: deployment.folder, trustsEverybody: true)
        try wait(for: "the page") { try browser.text(of: "body").hasPrefix("OK") }
        try expectHundred(
          edge, deployment, run: { try browser.value(of: $0) }, number: { try browser.value(of: $0) })
      }
    }

    @Test("Firefox has as many", .enabled(if: Firefox.isThere, Firefox.isMissing))
    func firefox() throws {
      try Self.run { edge, deployment in
        let browser = try Firefox(in: deployment.folder, trustsEverybody: true)
        try browser.navigate(to: "https://\(try edge.secure().address)/healthz")
        try expectHundred(
          edge, deployment, run: { try browser.value(of: $0) }, number: { try browser.value(of: $0) })
      }
    }

    // MARK: Libraries

    @Test(
      "Deno, Go and httpx choose HTTP/2 and get exact sums, as those do that cannot speak it",
      .enabled(if: ClientFolder.isThere, ClientFolder.isMissing))
    func libraries() throws {
      try Self.run { edge, deployment in
        let authority = try TestRun.shared().ours.appending(path: "ca.pem").path
        let url = "https://\(try edge.secure().address)/subscribe/eps"
        let trust = [
          "SSL_CERT_FILE": authority, "REQUESTS_CA_BUNDLE": authority, "CURL_CA_BUNDLE": authority,
          "NODE_EXTRA_CA_CERTS": authority, "DENO_CERT": authority,
        ]
        let python = ClientFolder.python("follow.py", "httpx-http2")
        let httpx = ClientFolder.Command(
          name: "httpx-http2", command: python.command + ["httpx-http2"], environment: python.environment)
        // curl prints events as they come, and is tested elsewhere.
        let commands = ClientFolder.commands.filter { $0.name != "curl" } + [httpx]
        let printers = try commands.map {
          try ScorePrinter(
            $0.name, $0.command + [url], environment: $0.environment.merging(trust) { $1 }, in: deployment)
        }
        try wait(for: "\(printers.count) clients", within: .seconds(40)) {
          try edge.metrics()["emojitrack_edge_clients{stream=\"eps\"}"] == Double(printers.count)
        }
        let names = Set(commands.map(\.name))
        let speakers = ["deno", "go-eventsource", "httpx-http2"].filter(names.contains)
        #expect(
          try edge.metrics()["emojitrack_edge_connections{stream=\"eps\",protocol=\"h2\"}"]
            == Double(speakers.count))
        try deployment.expectExactSums(of: printers)
      }
    }

    // MARK: Very many streams

    @Test("A drain of connections with a hundred streams each loses and doubles nothing of those that resume")
    func drain() throws {
      try Self.run(["--retry", "1s", "--drain-window", "1s"]) { edge, deployment in
        let log = deployment.folder.appending(path: "load.log").path
        let file = deployment.folder.appending(path: "load.json")
        let url = "https://\(try edge.secure().address)/subscribe/eps?resume=1"
        let load = try ChildProcess(
          "load", TestRun.binary("emojitrack-bench"),
          [
            "load", "--url", url, "--clients", "5", "--http2-streams", "100", "--seconds", "10",
            "--authority", TestRun.shared().ours.appending(path: "ca.pem").path,
            "--redis-url", deployment.redis.url, "--rate", "300", "--json", file.path,
          ], log: log)
        try wait(for: "the measurement", within: .seconds(20)) { load.log.contains("measuring") }
        #expect(
          try deployment.hub.ask("POST", "/admin/edges/edge-1/drain", body: #"{"window":1}"#).status == 200)
        try wait(for: "the end of the streams") {
          try deployment.hub.page().edge(edge.name)?.report?["clients_released"] == 500
        }
        #expect(try deployment.hub.ask("POST", "/admin/edges/edge-1/undrain").status == 200)
        #expect(try load.waitForEnd(within: .seconds(30)) == .exited(0), "\(load.log)")
        let report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: file))
        #expect(report.check.clients == 500 && report.check.exact == 500)
        #expect(report.check.expected > 1_000)
        // Each connection ended once, in order and with all of its streams.
        #expect(report.lost == 5, "\(load.log)")
        #expect(report.reasons["lost: released by the server"] == 5, "\(load.log)")
      }
    }

    /// The report of `emojitrack-bench load`.
    private struct Report: Decodable {
      struct Check: Decodable {
        let clients: Int
        let exact: Int
        let expected: Int
      }
      let check: Check
      let lost: Int
      let reasons: [String: Int]
    }
  }
}
