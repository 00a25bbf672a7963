import HTTP
import HubCore
import Primitives
import Testing

@Suite struct AdminAPITests {
  private var fixture: StatusFixture

  init() throws {
    fixture = try StatusFixture()
  }

  @Test("GET and HEAD of every page are answered", arguments: ["GET", "HEAD"])
  func pages(method: String) throws {
    for path in [
      "/admin/status.json", "/healthz", "/readyz", "/metrics", "/healthz?x=1", "/health%7A", "/",
      "/dashboard.js",
    ] {
      #expect(try fixture.response(method, path).status == .ok, "\(path)")
    }
  }

  @Test(
    "Any other path is not found",
    arguments: [
      "/viewer.js", "/dashboard.html", "/admin/events/", "/admin", "/admin/", "/admin/status.json/",
      "//healthz", "/Healthz", "/healthz/x",
      "/admin%2Fstatus.json",
    ])
  func notFound(path: String) throws {
    #expect(try fixture.response("GET", path).status == .notFound)
  }

  @Test(
    "Other methods are refused, with the allowed ones", arguments: ["DELETE", "OPTIONS", "PUT"])
  func methods(method: String) throws {
    let response = try fixture.response(method, "/admin/status.json")
    #expect(response.status == .methodNotAllowed)
    #expect(response.fields.contains(ResponseField("Allow", "GET, HEAD")))
    #expect(try fixture.response(method, "/nowhere").status == .notFound)
  }

  @Test("The media types are those of JSON, Prometheus and text")
  func mediaTypes() throws {
    #expect(
      try fixture.response("GET", "/admin/status.json").content?.type == "application/json; charset=utf-8")
    #expect(try fixture.response("GET", "/metrics").content?.type == MetricsText.mediaType)
    #expect(try fixture.response("GET", "/healthz").content?.type == .plainText)
  }

  @Test(
    "A hub is alive in any state, and ready only with a live feed, known totals, a valid certificate and no shutdown"
  )
  mutating func readiness() throws {
    #expect(try fixture.response("GET", "/readyz").status == .ok)
    fixture.isDraining = true
    #expect(try fixture.response("GET", "/readyz").status == .serviceUnavailable)
    #expect(try fixture.response("GET", "/readyz").text == "draining\n")
    fixture = try StatusFixture()
    fixture.feed = HubStatus.Feed(isLive: false, detail: "refused")
    #expect(try fixture.response("GET", "/readyz").text == "no messages come from Redis\n")
    fixture = try StatusFixture()
    _ = fixture.scores.awaitFence()
    #expect(try fixture.response("GET", "/readyz").text == "the totals are not known yet\n")
    fixture = try StatusFixture()
    fixture.isLinkCertificateValid = false
    #expect(
      try fixture.response("GET", "/readyz").text
        == "the certificate of the link is not valid now; the log says why\n")
    #expect(try fixture.response("GET", "/healthz").status == .ok)
  }

  @Test("The status is collected only for the pages that show it")
  func laziness() throws {
    var gate = try fixture.gate()
    let request = AdminAPI.Request(
      head: try StatusFixture.head("GET", "/healthz"), body: [], peer: StatusFixture.local, hasRoom: true)
    var isMade = false
    let decision = AdminAPI.decide(request, gate: &gate, now: .origin) {
      isMade = true
      return fixture.view()
    }
    #expect(decision.answer == .response(.line(.ok, "OK")))
    #expect(!decision.isDeed)
    #expect(!isMade)
  }

  @Test("The status can be watched while there is room, with GET only")
  func watching() throws {
    guard case .watch(let beginning) = try fixture.answer("GET", "/admin/events") else {
      Issue.record("nobody could watch")
      return
    }
    let json = try fixture.response("GET", "/admin/status.json").text
    #expect(
      String(decoding: beginning, as: UTF8.self) == """
        HTTP/1.1 200 OK\r
        Cache-Control: no-store\r
        X-Content-Type-Options: nosniff\r
        X-Accel-Buffering: no\r
        Content-Type: text/event-stream; charset=utf-8\r
        Connection: close\r
        \r
        retry:2000
        event:status
        data:\(json)


        """)
    guard case .response(let refusal) = try fixture.answer("GET", "/admin/events", hasRoom: false) else {
      Issue.record("one too many could watch")
      return
    }
    #expect(refusal.status == .serviceUnavailable)
    #expect(try fixture.response("HEAD", "/admin/events").fields.contains(ResponseField("Allow", "GET")))
  }
}
