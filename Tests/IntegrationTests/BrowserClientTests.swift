import Foundation
import Primitives
import Testing

extension IntegrationTests {
  @Suite(
    "The example of a browser client", .patientWithBrowser, .enabled(if: Proxy.hasNginx, Proxy.isMissing))
  struct BrowserClientTests {
    /// Serves the example's page and its worker.
    static func serve(in deployment: Deployment) throws -> Proxy {
      let folder = TestRun.package.appending(path: "Examples/browser").path
      return try Proxy.nginx(
        "root \(folder); types { text/html html; text/javascript js; }", in: deployment.folder)
    }

    /// The page's URL, for streams of these edges.
    static func url(_ proxy: Proxy, _ edges: [EdgeNode]) throws -> String {
      let edges = try edges.map { "http://\(try $0.address)" }.joined(separator: ",")
      return "http://\(proxy.address)/?edges=\(edges)"
    }

    /// A browser without SharedWorker. The script counts how often all totals are sent.
    private static let withoutSharing = """
      delete globalThis.SharedWorker
      globalThis.wholes = 0
      globalThis.Worker = class extends Worker {
        constructor(url) {
          super(url)
          this.addEventListener("message", ({ data }) => { if (data.totals) wholes += 1 })
        }
      }
      """

    private func totals(_ browser: Browser) throws -> [ScoreID: UInt64] {
      let totals: [String: UInt64] = try browser.value(of: "totals")
      return try totals.reduce(into: [:]) { $0[try ScoreID($1.key)] = $1.value }
    }

    @Test(
      "Tabs share one stream, which stays exact through drains, a kill, a freeze, the cache and an emptied Redis"
    )
    func exact() throws {
      try Deployment.run(ClientJourney.options) { deployment in
        let proxy = try Self.serve(in: deployment)
        let url = try Self.url(proxy, deployment.edges)
        let browser = try Browser(url, in: deployment.folder)
        let first = try #require(browser.session)
        let second = try browser.openTab(url)
        let alone = try browser.openTab(url, script: Self.withoutSharing)
        let tabs = [first, second, alone]
        for tab in tabs {
          browser.select(tab)
          // Before the page is live, it has no totals.
          try wait(for: "a live page") { (try? browser.value(of: "Object.keys(totals).length")) == 2 }
        }
        func isPersisted() throws -> Bool { try browser.value(of: "window.wasPersisted === true") }
        var frozen: UInt64 = 0
        // Two of them share a worker; the third has none to share.
        let truth = try ClientJourney(deployment) { station in
          switch station {
          case .start:
            let clients = try deployment.edges.map {
              try $0.metrics()["emojitrack_edge_clients{stream=\"eps\"}"] ?? 0
            }
            #expect(clients == [2, 0])
          case .drain:
            browser.select(second)
            try browser.freeze()
            frozen = try totals(browser).values.reduce(0, +)
          case .drainBack:
            letPass(.milliseconds(300))
            #expect(try totals(browser).values.reduce(0, +) == frozen)
            try browser.freeze(false)
            browser.select(first)
            try browser.bringToFront()
            let _: Bool = try browser.value(
              of: "(addEventListener('pageshow', (event) => { window.wasPersisted = event.persisted }), true)"
            )
            try browser.navigate(to: "http://\(proxy.address)/worker.js")
          case .kill:
            browser.select(first)
            try browser.goBack(to: url)
            try wait(for: "the cache") { try isPersisted() }
          default: break
          }
        }.run(2)
        for tab in tabs {
          browser.select(tab)
          try? wait(for: "the totals") { try totals(browser) == truth }
          #expect(try totals(browser) == truth)
        }
        // For the page's beginning, with the first snapshot, and for the new lineage; in all other cases it resumed.
        browser.select(alone)
        #expect(try browser.value(of: "wholes") == 3)
        browser.select(first)
        try browser.bringToFront()
        try wait(for: "the sum that is shown") {
          try browser.number(of: "#sum") == truth.values.reduce(0, +)
        }
        // No page is visible, so the edge need not send.
        for tab in tabs {
          browser.select(tab)
          try browser.freeze()
        }
        try wait(for: "the end of the streams") {
          try deployment.edges.allSatisfy { try $0.metrics()["emojitrack_edge_clients{stream=\"eps\"}"] == 0 }
        }
      }
    }
  }
}
