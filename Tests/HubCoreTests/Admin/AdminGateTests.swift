import HTTP
import Primitives
import Testing

@testable import HubCore

@Suite struct AdminGateTests {
  private let fixture: StatusFixture

  init() throws {
    fixture = try StatusFixture()
  }

  private static let json = "Content-Type: application/json\r\n"
  private static let unix = AdminPeer(door: .unixSocket, address: "unix", network: [])

  private static func remote(_ certificate: AdminPeer.Certificate? = nil, _ last: UInt8 = 1) -> AdminPeer {
    AdminPeer(door: .secure(certificate), address: "192.0.2.\(last)", network: [192, 0, 2, last])
  }

  private func status(
    _ method: String, _ path: String, _ fields: String, from peer: AdminPeer
  ) throws -> Status {
    let answer = try fixture.decision(method, path, body: "{}", fields: Self.json + fields, peer: peer).answer
    if case .response(let response) = answer { return response.status }
    return .ok
  }

  private func bearer(_ token: String) -> String { "Authorization: Bearer \(token)\r\n" }

  @Test("A client on a loopback address or a unix socket is an operator")
  func local() throws {
    for peer in [StatusFixture.local, Self.unix] {
      let decision = try fixture.decision("POST", "/admin/reload", fields: Self.json, peer: peer)
      #expect(decision.answer == .perform(.reload))
      #expect(decision.caller == AdminCaller(role: .operator, name: "local", address: peer.address))
      #expect(decision.isDeed)
    }
  }

  @Test("A client of status.listen gets three pages under any host, and no other answer")
  func statusOnly() throws {
    let peer = AdminPeer(door: .status, address: "192.0.2.9", network: [192, 0, 2, 9])
    for path in ["/healthz", "/readyz", "/metrics"] {
      let decision = try fixture.decision("GET", path, fields: "Host: evil.example\r\n", peer: peer)
      #expect(decision.caller == AdminCaller(role: .reader, name: "status", address: "192.0.2.9"))
      #expect(decision.refusal == nil)
      #expect(try status("HEAD", path, "", from: peer) == .ok)
    }
    for (method, path) in [
      ("GET", "/"), ("GET", "/admin/status.json"), ("GET", "/admin/events"), ("GET", "/nothing"),
      ("POST", "/admin/reload"), ("DELETE", "/admin/rebalance"), ("POST", "/healthz"),
    ] {
      let decision = try fixture.decision(method, path, body: "{}", fields: Self.json, peer: peer)
      #expect(decision.caller == nil && decision.refusal == .statusOnly, "\(method) \(path)")
      #expect(try status(method, path, "", from: peer) == .notFound, "\(method) \(path)")
    }
  }

  @Test(
    "A request for another host is refused, because a foreign name may point at this hub",
    arguments: [
      ("localhost", true), ("LOCALHOST:8000", true), ("127.0.0.1:8000", true), ("[::1]:8000", true),
      ("[::1]", true),
      ("hub.example", true), ("Hub.Example:80", true), ("evil.example", false),
      ("localhost.evil.example", false),
      ("hub.example.evil", false), ("127.0.0.1.evil.example", false), ("1.2.3", false), ("1.2.3.256", false),
      ("", false),
    ])
  func hosts(host: String, isOurs: Bool) throws {
    let fields = "Host: \(host)\r\n"
    for (method, path) in [("GET", "/admin/status.json"), ("POST", "/admin/reload"), ("GET", "/")] {
      #expect(try status(method, path, fields, from: StatusFixture.local) == (isOurs ? .ok : .forbidden))
      #expect(try status(method, path, fields, from: Self.unix) == .ok)
    }
    for path in ["/healthz", "/readyz", "/metrics"] {
      #expect(try status("GET", path, fields, from: StatusFixture.local) == .ok)
    }
  }

  @Test(
    "Another site's page can change nothing, but may request what it cannot read",
    arguments: [
      ("Origin: http://localhost\r\n", true), ("Origin: HTTP://LOCALHOST\r\n", true),
      ("Origin: https://localhost\r\n", false), ("Origin: http://localhost:81\r\n", false),
      ("Origin: http://evil.example\r\n", false), ("Origin: null\r\n", false),
      ("Origin: http://localhost\r\nOrigin: http://localhost\r\n", false),
      ("Sec-Fetch-Site: same-origin\r\n", true), ("Sec-Fetch-Site: none\r\n", true),
      ("Sec-Fetch-Site: same-site\r\n", false), ("Sec-Fetch-Site: cross-site\r\n", false),
    ])
  func sites(fields: String, isOurs: Bool) throws {
    for peer in [StatusFixture.local, Self.unix] {
      #expect(try status("POST", "/admin/reload", fields, from: peer) == (isOurs ? .ok : .forbidden))
      #expect(try status("DELETE", "/admin/rebalance", fields, from: peer) == (isOurs ? .ok : .forbidden))
      #expect(try status("GET", "/admin/status.json", fields, from: peer) == .ok)
    }
  }

  @Test("Another site's origin is foreign, even if its letters become ours in lower case")
  func foldedOrigin() throws {
    for (origin, isOurs) in [("http://KIOSK", true), ("http://\u{212a}iosk", false)] {
      let fields = "Host: kiosk\r\nOrigin: \(origin)\r\n"
      #expect(try status("POST", "/admin/reload", fields, from: Self.unix) == (isOurs ? .ok : .forbidden))
    }
  }

  @Test("Over TLS a token identifies the caller and its role")
  func tokens() throws {
    let (reader, both) = (bearer(StatusFixture.readerToken), bearer(StatusFixture.operatorToken))
    for path in ["/admin/status.json", "/healthz", "/metrics", "/"] {
      #expect(try status("GET", path, reader, from: Self.remote()) == .ok)
      #expect(try status("GET", path, both, from: Self.remote()) == .ok)
      // The page itself asks for a token.
      #expect(try status("GET", path, "", from: Self.remote()) == (path == "/" ? .ok : .unauthorized))
    }
    for path in ["/dashboard.js", "/theme.css"] {
      #expect(try status("GET", path, "", from: Self.remote()) == .ok)
      #expect(try status("HEAD", path, bearer("wrong"), from: Self.remote()) == .ok)
      #expect(try status("POST", path, "", from: Self.remote()) == .unauthorized)
    }
    #expect(try status("GET", "/viewer.js", "", from: Self.remote()) == .unauthorized)
    #expect(try status("POST", "/admin/reload", both, from: Self.remote()) == .ok)
    #expect(try status("POST", "/admin/reload", reader, from: Self.remote()) == .forbidden)
    #expect(try status("DELETE", "/admin/rebalance", reader, from: Self.remote()) == .forbidden)
    let decision = try fixture.decision(
      "GET", "/admin/version", fields: bearer(StatusFixture.operatorToken), peer: Self.remote())
    #expect(decision.caller == AdminCaller(role: .operator, name: "token anna", address: "192.0.2.1"))
    let foreign = bearer(StatusFixture.operatorToken) + "Origin: https://evil.example\r\n"
    #expect(try status("POST", "/admin/reload", foreign, from: Self.remote()) == .forbidden)
  }

  @Test(
    "A caller without exactly one valid token learns nothing about the paths",
    arguments: [
      "", "Authorization: Bearer\r\n", "Authorization: Bearer x\r\n", "Authorization: Basic b2s6\r\n",
      "Authorization: \(StatusFixture.operatorToken)\r\n",
      "Authorization: Bearer \(StatusFixture.operatorToken)o\r\n",
      "Authorization: Bearer \(StatusFixture.operatorToken.dropLast())\r\n",
      "Authorization: Bearer \(StatusFixture.operatorToken) x\r\n",
      "Authorization: Bearer \(StatusFixture.operatorToken)\r\nAuthorization: Bearer \(StatusFixture.operatorToken)\r\n",
    ])
  func wrong(fields: String) throws {
    var bodies: Set<String> = []
    for (method, path) in [
      ("GET", "/admin/status.json"), ("POST", "/admin/reload"), ("GET", "/nowhere"), ("PUT", "/"),
    ] {
      let answer = try fixture.decision(method, path, fields: fields, peer: Self.remote())
      guard case .response(let response) = answer.answer else { throw StatusFixture.NoResponse(path: path) }
      #expect(answer.caller == nil)
      #expect(response.status == .unauthorized)
      #expect(response.fields.contains(ResponseField("WWW-Authenticate", "Bearer")))
      bodies.insert(response.text)
    }
    #expect(bodies.count == 1)
  }

  @Test("A certificate counts by its names and units")
  func certificates() throws {
    func role(_ names: [String], _ subject: String) throws -> AdminRole? {
      let peer = Self.remote(AdminPeer.Certificate(names: names, subject: subject))
      return try fixture.decision("GET", "/admin/version", peer: peer).caller?.role
    }
    #expect(try role(["anna.example"], "CN=anna") == .operator)
    #expect(try role(["viewer.example"], "CN=anna") == .reader)
    #expect(try role([], "CN=x,OU=readers,O=y") == .reader)
    #expect(try role([], "CN=x\\,OU=readers,O=y") == .operator)
    #expect(try role([], "CN=x+OU=readers") == .reader)
    #expect(try role(["OU=readers"], "CN=x") == .reader)
    #expect(try role([], "") == .operator)
  }

  @Test("After five wrong tokens in a second a network is refused, even with the right token")
  func slowedDown() throws {
    var gate = try fixture.gate()
    func judge(_ token: String, at now: Instant, last: UInt8 = 1) throws -> AdminGate.Verdict {
      let head = try StatusFixture.head("GET", "/admin/version", fields: bearer(token))
      return gate.judge(head, isOpen: false, from: Self.remote(nil, last), now: now)
    }
    for _ in 0..<5 { #expect(try judge("x", at: seconds(1)) == .refused(.unknown)) }
    #expect(try judge("x", at: seconds(1.5)) == .refused(.slowedDown))
    #expect(try judge(StatusFixture.operatorToken, at: seconds(1.99)) == .refused(.slowedDown))
    #expect(try judge("x", at: seconds(1.99), last: 2) == .refused(.unknown))
    let caller = AdminCaller(role: .operator, name: "token anna", address: "192.0.2.1")
    #expect(try judge(StatusFixture.operatorToken, at: seconds(2)) == .granted(caller))
    for _ in 0..<20 { #expect(try judge(StatusFixture.operatorToken, at: seconds(2)) == .granted(caller)) }
  }
}
