import HTTP
import HubCore
import Primitives
import Testing
import Wire

@Suite struct AdminDeedsTests {
  private var fixture: StatusFixture

  init() throws {
    fixture = try StatusFixture()
  }

  private static let json = "Content-Type: application/json\r\n"

  private func post(_ path: String, _ body: String = "{}") throws -> AdminAnswer {
    try fixture.answer("POST", path, body: body, fields: Self.json)
  }

  private func status(_ answer: AdminAnswer) -> Status? {
    guard case .response(let response) = answer else { return nil }
    return response.status
  }

  private func command(_ verb: Command.Verb, _ argument: String = "") -> AdminAnswer {
    .perform(.command(EdgeCommand(node: fixture.node, verb: verb, argument: argument)))
  }

  @Test("A request for an edge becomes a command with checked arguments")
  func commands() throws {
    let edge = "/admin/edges/edge-1"
    #expect(try post("\(edge)/drain") == command(.drain))
    #expect(try post("\(edge)/drain", "") == command(.drain))
    #expect(try post("\(edge)/drain", #"{"window":30}"#) == command(.drain, "window=30"))
    let announced = try post("\(edge)/drain", #"{"announce":5,"window":30}"#)
    #expect(
      announced
        == .perform(
          .command(
            EdgeCommand(
              node: fixture.node, verb: .drain, argument: "window=30 announce=5", olderArgument: "window=30"))
        ))
    #expect(try post("\(edge)/drain", #"{"window":30.0}"#) == command(.drain, "window=30"))
    #expect(try post("\(edge)/undrain") == command(.undrain))
    #expect(try post("\(edge)/shed", #"{"clients":12}"#) == command(.shed, "clients=12 window=10"))
    // Nine clients are reported; a percentage is rounded up to a whole client.
    #expect(try post("\(edge)/shed", #"{"percent":50,"window":3}"#) == command(.shed, "clients=5 window=3"))
    #expect(
      try post("\(edge)/close", #"{"address":"2001:db8::1"}"#)
        == command(.closeClients, "address=2001:db8::1"))
    #expect(
      try post("\(edge)/close", #"{"stream":"/details/1F602","address":"1.2.3.4"}"#)
        == command(.closeClients, "address=1.2.3.4 stream=/details/1F602"))
    #expect(try post("\(edge)/log-level", #"{"level":"debug"}"#) == command(.setLogLevel, "level=debug"))
    #expect(try post("\(edge)/reload") == command(.reload))
    #expect(
      try fixture.answer("GET", "\(edge)/connections?offset=200&limit=50")
        == command(.listConnections, "offset=200 limit=50"))
    #expect(
      try fixture.answer("GET", "\(edge)/connections") == command(.listConnections, "offset=0 limit=100"))
  }

  @Test("A request for the hub itself becomes an action")
  func own() throws {
    #expect(try post("/admin/rebalance") == .perform(.rebalance(rate: 200)))
    #expect(try post("/admin/rebalance", #"{"rate":50}"#) == .perform(.rebalance(rate: 50)))
    #expect(try post("/admin/rebalance", #"{"rate":0}"#) == .perform(.rebalance(rate: 0)))
    #expect(try fixture.answer("DELETE", "/admin/rebalance") == .perform(.rebalance(rate: 0)))
    #expect(try post("/admin/log-level", #"{"level":"trace"}"#) == .perform(.setLogLevel("trace")))
    #expect(try post("/admin/reload") == .perform(.reload))
  }

  @Test(
    "A body with anything else is refused, with the allowed values",
    arguments: [
      ("drain", #"{"window":-1}"#, "'window' must be a whole number from 0 to 3600."),
      ("drain", #"{"window":"30"}"#, "'window' must be"),
      ("drain", #"{"window":null}"#, "'window' must be"),
      ("drain", #"{"windows":30}"#, "The body may hold only window"),
      ("drain", #"{"announce":601}"#, "'announce' must be a whole number from 0 to 600."),
      ("drain", "[]", "The body must be a JSON object."),
      ("drain", "window=30", "The body must be a JSON object."),
      ("undrain", #"{"x":1}"#, "The body may hold nothing."),
      ("shed", "{}", "Either 'clients' or 'percent' is needed, not both."),
      ("shed", #"{"clients":1,"percent":1}"#, "Either 'clients' or 'percent' is needed"),
      ("shed", #"{"clients":0}"#, "'clients' must be"),
      ("shed", #"{"percent":101}"#, "'percent' must be"),
      ("close", "{}", "'address', 'stream' or both are needed."),
      ("close", #"{"address":"1.2.3.4 stream=/eps"}"#, "'address' must be"),
      ("close", #"{"stream":"/eps x=1"}"#, "'stream' must be"),
      ("close", #"{"stream":"eps"}"#, "'stream' must be"),
      ("log-level", "{}", "'level' is needed: one of trace"),
      ("log-level", #"{"level":"loud"}"#, "'level' must be one of trace"),
    ])
  func malformed(deed: String, body: String, words: String) throws {
    guard case .response(let response) = try post("/admin/edges/edge-1/\(deed)", body) else {
      Issue.record("it would be done")
      return
    }
    #expect(response.status == .badRequest)
    #expect(response.text.contains(words), "\(response.text)")
  }

  @Test(
    "A body must have the content type JSON",
    arguments: [
      "", "Content-Type: text/plain\r\n", "Content-Type: application/jsonp\r\n",
      "Content-Type: application/json\u{37e} charset=utf-8\r\n",
    ])
  func mediaType(fields: String) throws {
    let answer = try fixture.answer("POST", "/admin/reload", body: "{}", fields: fields)
    #expect(status(answer) == .unsupportedMediaType)
    #expect(
      try status(fixture.answer("POST", "/admin/reload", fields: fields))
        == (fields.isEmpty ? nil : .unsupportedMediaType))
    let charset = "Content-Type: Application/JSON; charset=utf-8\r\n"
    #expect(try fixture.answer("POST", "/admin/reload", body: "{}", fields: charset) == .perform(.reload))
  }

  @Test(
    "An empty body needs no content type; pages of other sites are refused nevertheless",
    arguments: ["Origin: http://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n"])
  func noBody(foreign: String) throws {
    #expect(try fixture.answer("POST", "/admin/edges/edge-1/drain") == command(.drain))
    let own = "Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n"
    #expect(try fixture.answer("POST", "/admin/reload", fields: own) == .perform(.reload))
    for fields in [foreign, foreign + Self.json] {
      let decision = try fixture.decision("POST", "/admin/reload", fields: fields)
      #expect(decision.refusal == .foreignSite && status(decision.answer) == .forbidden)
    }
    // A required member is missing.
    #expect(try status(fixture.answer("POST", "/admin/log-level")) == .badRequest)
  }

  @Test("An unknown edge is not found, and an edge without clients releases none")
  func edges() throws {
    #expect(try status(post("/admin/edges/edge-9/drain")) == .notFound)
    #expect(try status(post("/admin/edges/-/drain")) == .notFound)
    #expect(try status(post("/admin/edges/edge-2/shed", #"{"percent":10}"#)) == .conflict)
    #expect(
      try fixture.response("GET", "/admin/edges/edge-1").text.hasPrefix(#"{"node":"edge-1","state":"live""#))
    #expect(try fixture.response("GET", "/admin/edges/nobody").status == .notFound)
  }

  @Test("The method must be one of the path's methods")
  func methods() throws {
    for (method, path, allowed) in [
      ("GET", "/admin/reload", "POST"), ("HEAD", "/admin/edges/edge-1/drain", "POST"),
      ("PUT", "/admin/rebalance", "GET, HEAD, POST, DELETE"), ("DELETE", "/admin/edges", "GET, HEAD"),
      ("PUT", "/admin/edges/edge-1", "GET, HEAD, DELETE"),
    ] {
      let response = try fixture.response(method, path)
      #expect(response.status == .methodNotAllowed)
      #expect(response.fields.contains(ResponseField("Allow", try #require(FieldValue(checking: allowed)))))
    }
  }

  @Test("An edge that refuses a word because it is too new is asked once more, without the word")
  func olderEdges() {
    let drain = EdgeCommand(
      node: fixture.node, verb: .drain, argument: "window=30 announce=5", olderArgument: "window=30")
    func retry(_ command: EdgeCommand, _ outcome: CommandResult.Outcome) -> EdgeCommand? {
      command.retry(
        after: CommandResult(id: 1, outcome: outcome, text: "announce is nothing that drain knows"))
    }
    let older = EdgeCommand(node: fixture.node, verb: .drain, argument: "window=30")
    #expect(retry(drain, .refused) == older)
    #expect(retry(drain, .done) == nil)
    #expect(retry(drain, .failed) == nil)
    #expect(retry(older, .refused) == nil)
  }

  @Test("An operator makes the hub forget an edge, and the audit records it")
  func forgetting() throws {
    let decision = try fixture.decision("DELETE", "/admin/edges/edge-2")
    #expect(decision.answer == .perform(.forget(try #require(NodeName("edge-2")))) && decision.isDeed)
    #expect(try status(fixture.answer("DELETE", "/admin/edges/edge-9")) == .notFound)
    let reader = AdminPeer(door: .secure(nil), address: "192.0.2.1", network: [192, 0, 2, 1])
    let refused = try fixture.decision(
      "DELETE", "/admin/edges/edge-2", fields: "Authorization: Bearer \(StatusFixture.readerToken)\r\n",
      peer: reader)
    #expect(refused.refusal == .readerOnly)
  }

  @Test("Clients of an edge that is away are not counted")
  mutating func awayClients() throws {
    fixture.registry.linkEnded(1, .silent, now: seconds(61))
    let streams = try fixture.response("GET", "/admin/streams").text
    #expect(streams.contains(#"{"stream":"eps","clients":0,"#), "\(streams)")
  }

  @Test("Only the expected parts of an edge's answer are passed on")
  func answers() throws {
    let drain = EdgeCommand(node: fixture.node, verb: .drain, argument: "")
    func text(_ outcome: CommandResult.Outcome, _ text: String, of command: EdgeCommand) -> (Status, String) {
      let response = command.response(to: CommandResult(id: 1, outcome: outcome, text: text))
      return (response.status, response.text)
    }
    #expect(
      text(.done, #"{"released":3,"remaining":4,"evil":5,"message":"x"}"#, of: drain)
        == (.ok, #"{"status":"OK","edge":"edge-1","released":3,"remaining":4,"message":"x"}"#))
    #expect(
      text(.done, "as you say", of: drain) == (
        .ok, #"{"status":"OK","edge":"edge-1","message":"as you say"}"#
      ))
    #expect(
      text(.refused, "no", of: drain) == (.conflict, #"{"status":"refused","message":"edge-1 refused: no"}"#))
    #expect(text(.failed, "oh", of: drain).0 == .badGateway)
    #expect(drain.timeout.status == .gatewayTimeout)
    #expect(drain.absence.status == .conflict)

    let list = EdgeCommand(node: fixture.node, verb: .listConnections, argument: "")
    let page =
      #"{"total":7,"offset":5,"connections":[{"user_agent":"<b>","client_ip":"::1","x":[1]},{"created_at":-1}]}"#
    #expect(
      text(.done, page, of: list).1
        == #"{"edge":"edge-1","total":7,"offset":5,"connections":["#
        + #"{"request_path":"","namespace":"","created_at":0,"client_ip":"::1","user_agent":"<b>"},"#
        + #"{"request_path":"","namespace":"","created_at":0,"client_ip":"","user_agent":""}]}"#)
    #expect(text(.done, "no list", of: list).0 == .badGateway)
  }

  @Test("Configuration, version, streams and ledger are shown")
  func views() throws {
    #expect(
      try fixture.response("GET", "/admin/configuration").text
        == #"{"settings":[{"key":"log.level","value":"info","source":"default"}]}"#)
    #expect(
      try fixture.response("GET", "/admin/version").text.hasPrefix(#"{"node":"hub","software":"0.1.0""#))
    let streams = try fixture.response("GET", "/admin/streams").text
    #expect(streams.contains(#"{"stream":"eps","clients":7,"edges":1,"events_per_second":0.0}"#))
    #expect(streams.contains(#""top_by_total":[{"id":"1F431","total":42}]"#))
    let ledger = try fixture.response("GET", "/admin/ledger").text
    #expect(ledger.contains(#""position":42,"#))
    #expect(ledger.contains(#"{"node":"edge-1","position":null,"behind":null,"#))
    #expect(try fixture.response("GET", "/admin/rebalance").text.contains(#""state":"idle""#))
  }
}
