import EdgeCore
import Primitives
import Testing
import Wire

@Suite struct InstructionTests {
  private func instruction(_ verb: Command.Verb, _ argument: String = "") throws -> Instruction {
    try Instruction(try #require(Command(id: 1, verb: verb, argument: argument)))
  }

  @Test("Every verb is parsed")
  func verbs() throws {
    let address = try NetworkAddress(parsing: "203.0.113.9")
    #expect(try instruction(.reportNow) == .reportNow)
    #expect(try instruction(.drain) == .drain(window: nil, announce: nil))
    #expect(try instruction(.drain, "window=30") == .drain(window: .seconds(30), announce: nil))
    #expect(
      try instruction(.drain, "window=30 announce=5")
        == .drain(window: .seconds(30), announce: .seconds(5)))
    #expect(try instruction(.undrain) == .undrain)
    #expect(try instruction(.setLogLevel, "level=debug") == .setLogLevel("debug"))
    #expect(
      try instruction(.shed, "clients=1200 window=10") == .shed(clients: 1200, window: .seconds(10)))
    #expect(try instruction(.shed, "window=0 clients=0") == .shed(clients: 0, window: .zero))
    #expect(
      try instruction(.closeClients, "address=203.0.113.9 stream=/eps")
        == .close(.selected(address: address, namespace: "/eps")))
    #expect(
      try instruction(.closeClients, "stream=/raw") == .close(.selected(address: nil, namespace: "/raw")))
    #expect(try instruction(.listConnections) == .listConnections(offset: 0, limit: 100))
    #expect(
      try instruction(.listConnections, "offset=300 limit=200") == .listConnections(offset: 300, limit: 200))
    #expect(try instruction(.reload) == .reload)
  }

  @Test(
    "An instruction that is not understood is refused, with the reason",
    arguments: [
      (Command.Verb.drain, "30", "'30' is not key=value"), (.drain, "window=30 ", "'' is not key=value"),
      (.drain, "window=-1", "window is '-1', and must be a whole number from 0 to 3600"),
      (.drain, "window=3601", "window is '3601', and must be a whole number from 0 to 3600"),
      (.drain, "announce=601", "announce is '601', and must be a whole number from 0 to 600"),
      (.drain, "window=1 window=2", "window is given twice"),
      (.drain, "x=1", "drain has no argument x"),
      (.undrain, "window=1", "undrain has no argument window"),
      (.shed, "window=1", "clients is missing"),
      (.shed, "clients=many", "clients is 'many', and must be a whole number from 0 to 10000000"),
      (.setLogLevel, "", "level is missing"),
      (.closeClients, "", "address or stream is missing: one of them must select the clients"),
      (.closeClients, "address=x", "address is 'x', and must be an IPv4 or IPv6 address"),
      (.listConnections, "limit=0", "limit is '0', and must be a whole number from 1 to 200"),
      (.listConnections, "limit=201", "limit is '201', and must be a whole number from 1 to 200"),
    ])
  func refusals(verb: Command.Verb, argument: String, reason: String) throws {
    let error = #expect(throws: MalformedText.self) { try instruction(verb, argument) }
    #expect(error?.description == reason)
  }
}
