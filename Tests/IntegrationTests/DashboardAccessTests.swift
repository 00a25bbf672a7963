import Foundation
import Testing

extension IntegrationTests {
  @Suite("The dashboard over TLS", .patientWithBrowser)
  struct DashboardAccessTests {
    private static func open(_ files: AdminFiles, in deployment: Deployment) throws -> Browser {
      try Browser("https://127.0.0.1:\(files.port)/", in: deployment.folder, trustsEverybody: true)
    }

    private static func waitUntilAsked(_ browser: Browser) throws {
      try wait(for: "the question", within: .seconds(20)) {
        try browser.value(of: "document.querySelector('#token-ask')?.open ?? false")
      }
    }

    private static func answer(_ token: String, in browser: Browser) throws {
      try waitUntilAsked(browser)
      try browser.type(token, into: "#token")
      try browser.press("Enter", 13)
    }

    private static func waitUntilLive(_ browser: Browser) throws {
      try wait(for: "a live page", within: .seconds(20)) { try browser.text(of: "#freshness") == "live" }
      #expect(try browser.value(of: "!document.querySelector('#token-ask')?.open ?? false"))
    }

    /// The page's message about an action, once it is done.
    private static func drain(_ browser: Browser) throws -> String {
      try browser.click(".deeds button")
      try browser.click("#ask-yes")
      return try wait(for: "an answer") {
        let answer = try browser.text(of: "#answer")
        return answer.isEmpty || answer.hasSuffix("asked …") ? nil : answer
      }
    }

    private static func run(_ body: (Deployment, AdminFiles) throws -> Void) throws {
      let files = try AdminFiles()
      var options = Deployment.Options(edgeCount: 1)
      options.hubFlags = try files.flags
      try Deployment.run(options) { try body($0, files) }
    }

    @Test(
      "The page asks for a token, shows nothing without it, acts by its role, and keeps it in its tab only")
    func token() throws {
      try Self.run { deployment, files in
        let browser = try Self.open(files, in: deployment)
        try Self.answer("wrong-0123456789-0123456789-0123456789", in: browser)
        try wait(for: "the refusal") {
          try browser.value(of: "!document.querySelector('#token-wrong').hidden")
        }
        try browser.keepPictures("token")
        #expect(try browser.text(of: "#node") == "hub")
        #expect(try browser.value(of: "document.querySelectorAll('.edge').length") == 0)
        // If the dialog is closed without an answer, the page asks again, because it can do nothing else.
        try browser.press("Escape", 27)
        try Self.waitUntilAsked(browser)

        try Self.answer(AdminFiles.readerToken, in: browser)
        try Self.waitUntilLive(browser)
        #expect(try browser.text(of: ".edge h3") == "edge-1")
        #expect(
          try Self.drain(browser) == "Drain edge-1: refused, message A reader can change nothing. (403)")
        #expect(try browser.value(of: "document.cookie === '' && localStorage.length === 0"))

        try browser.reload()
        try wait(for: "the page") { try browser.text(of: ".edge h3") == "edge-1" }
        try Self.waitUntilLive(browser)
        try browser.waitForNewPage { try browser.click("#leave") }
        try Self.answer(AdminFiles.operatorToken, in: browser)
        try Self.waitUntilLive(browser)
        #expect(try Self.drain(browser).hasPrefix("Drain edge-1: ok, "))
        try wait(for: "the drain", within: .seconds(20)) {
          try deployment.hub.page().edge("edge-1")?.report?["is_draining"] == 1
        }
        #expect(try browser.errors.allSatisfy { $0.source == "network" })
        #expect(!deployment.hub.log.contains(AdminFiles.operatorToken))
      }
    }

    @Test("A revoked token ends the streams of its watchers, and the page asks for another one")
    func rotation() throws {
      try Self.run { deployment, files in
        let browser = try Self.open(files, in: deployment)
        try Self.answer(AdminFiles.readerToken, in: browser)
        try Self.waitUntilLive(browser)
        let local = try SSEClient("/admin/events", at: deployment.hub.adminAddress)
        let new = "brand-new-0123456789-0123456789-0123456789"
        try files.write("reader nina \(new)\n")
        try Self.answer(new, in: browser)
        try Self.waitUntilLive(browser)
        // A watcher over loopback needs no token.
        let count = local.eventCount
        try wait(for: "the status") { local.eventCount > count }
        #expect(!local.isEnded)
        #expect(try browser.errors.allSatisfy { $0.source == "network" })
      }
    }

    @Test("The page's files are public there, and nothing else is")
    func files() throws {
      try Self.run { deployment, files in
        let remote = try files.approach()
        for path in ["/", "/dashboard.js", "/access.js", "/theme.css", "/icon.svg"] {
          let answer = try HTTPClient.request("GET", path, by: remote)
          #expect(answer.status == 200 && answer.fields["content-security-policy"] != nil, "\(path)")
          #expect(answer.fields["set-cookie"] == nil)
          #expect(!answer.text.contains(try deployment.hub.page().node + "\""))
        }
        for (method, path) in [("POST", "/"), ("GET", "/viewer.js"), ("GET", "/healthz"), ("GET", "/x")] {
          #expect(try HTTPClient.request(method, path, by: remote).status == 401, "\(method) \(path)")
        }
      }
    }
  }
}
