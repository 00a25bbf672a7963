import Foundation
import Primitives
import Reactor
import Testing

extension IntegrationTests {
  /// Not part of the gate: `Scripts/clients.sh` runs it.
  @Suite(
    "Browsers on a journey", .enabled(if: ClientFolder.isThere, ClientFolder.isMissing),
    .enabled(if: Proxy.hasNginx && Proxy.hasHAProxy, Proxy.isMissing))
  struct BrowserJourneyTests {
    /// The README's few lines as one expression.
    private static let script = """
      (window.totals = new Map(), window.source = new EventSource("/subscribe/eps?resume=1&snapshot=1"),
       window.add = (event) => Object.entries(JSON.parse(event.data)).forEach(([id, n]) => totals.set(id, (totals.get(id) ?? 0) + n)),
       source.addEventListener("message", add),
       source.addEventListener("snapshot", (event) => { totals.clear(); add(event) }), true)
      """

    private func scores(_ totals: [String: UInt64]) throws -> [ScoreID: UInt64] {
      try totals.reduce(into: [:]) { $0[try ScoreID($1.key)] = $1.value }
    }

    @Test("Chromium's own EventSource is exact behind HAProxy")
    func chromium() throws {
      try Deployment.run(ClientJourney.options) { deployment in
        let proxy = try Proxy.haproxy(deployment.edges, in: deployment.folder)
        let browser = try Browser("http://\(proxy.address)/healthz", in: deployment.folder)
        try wait(for: "the page") { try browser.text(of: "body").hasPrefix("OK") }
        let _: Bool = try browser.value(of: Self.script)
        let truth = try ClientJourney(deployment).run(1)
        func totals() throws -> [ScoreID: UInt64] {
          try scores(browser.value(of: "Object.fromEntries(totals)"))
        }
        try? wait(for: "the totals") { try totals() == truth }
        #expect(try totals() == truth)
      }
    }

    @Test(
      "Firefox's own EventSource is exact behind HAProxy",
      .enabled(if: Firefox.isThere, Firefox.isMissing))
    func firefox() throws {
      try Deployment.run(ClientJourney.options) { deployment in
        let proxy = try Proxy.haproxy(deployment.edges, in: deployment.folder)
        let browser = try Firefox(in: deployment.folder)
        try browser.navigate(to: "http://\(proxy.address)/healthz")
        let _: Bool = try browser.value(of: Self.script)
        let truth = try ClientJourney(deployment).run(1)
        func totals() throws -> [ScoreID: UInt64] {
          try scores(browser.value(of: "Object.fromEntries(totals)"))
        }
        try? wait(for: "the totals") { try totals() == truth }
        #expect(try totals() == truth)
      }
    }

    @Test(
      "On a dead connection, as after a laptop's sleep, the example recovers in 45 s, and an EventSource does not"
    )
    func dead() throws {
      try Deployment.run(ClientJourney.options) { deployment in
        let proxy = try BrowserClientTests.serve(in: deployment)
        let relay = try LinkRelay(to: deployment.edges[0].address.port)
        let way = "http://127.0.0.1:\(relay.port)"
        let browser = try Browser(
          "http://\(proxy.address)/?edges=\(way),http://\(deployment.edges[1].address)", in: deployment.folder
        )
        try wait(for: "a live page") { (try? browser.value(of: "Object.keys(totals).length")) == 2 }
        let script = """
          (window.heard = 0, window.source = new EventSource("\(way)/subscribe/eps?resume=1"),
           source.onmessage = () => { heard += 1 }, true)
          """
        let _: Bool = try browser.value(of: script)
        let redis = try deployment.redis.client()
        try wait(for: "both") {
          try redis.tweet(["1F602"])
          return try browser.value(of: "heard > 1 && totals['1F602'] > 1")
        }
        relay.enter(.silent)
        letPass(.milliseconds(200))
        let heard: Int = try browser.value(of: "heard")
        try redis.tweet(["1F602"])
        let truth = try redis.totals()
        let start = MonotonicClock.now()
        try wait(for: "the other edge", within: .seconds(60)) {
          try scores(browser.value(of: "totals")) == truth
        }
        print("client: a dead connection was found after \(start.duration(to: MonotonicClock.now()))")
        #expect(try browser.value(of: "heard") == heard)
        #expect(try browser.value(of: "source.readyState") == 1)
      }
    }

    @Test(
      "In Firefox, tabs with the example share one stream, and stay exact, even after going back to a page",
      .enabled(if: Firefox.isThere, Firefox.isMissing))
    func example() throws {
      try Deployment.run(ClientJourney.options) { deployment in
        let proxy = try BrowserClientTests.serve(in: deployment)
        let url = try BrowserClientTests.url(proxy, deployment.edges)
        let browser = try Firefox(in: deployment.folder)
        try browser.navigate(to: url)
        let tabs = try [browser.tab, browser.openTab(url)]
        for tab in tabs {
          try browser.select(tab)
          try wait(for: "a live page") { (try? browser.value(of: "Object.keys(totals).length")) == 2 }
        }
        let truth = try ClientJourney(deployment) { station in
          switch station {
          case .start:
            #expect(try deployment.edges[0].metrics()["emojitrack_edge_clients{stream=\"eps\"}"] == 1)
          case .drain:
            try browser.select(tabs[0])
            let _: Bool = try browser.value(
              of: "(addEventListener('pageshow', (event) => { window.wasPersisted = event.persisted }), true)"
            )
            try browser.navigate(to: "http://\(proxy.address)/worker.js")
          case .kill:
            try browser.goBack()
            let isPersisted: Bool = try browser.value(of: "window.wasPersisted === true")
            print("client: Firefox's cache had the page: \(isPersisted)")
          default: break
          }
        }.run(1)
        for tab in tabs {
          try browser.select(tab)
          func totals() throws -> [ScoreID: UInt64] { try scores(browser.value(of: "totals")) }
          try? wait(for: "the totals") { try totals() == truth }
          #expect(try totals() == truth)
        }
      }
    }
  }
}
