import Testing

@testable import Reactor

@Suite("Passed sockets")
struct PassedSocketsTests {
  @Test("They are named in their order, and unnamed ones have no name")
  func names() {
    let environment = ["LISTEN_PID": "7", "LISTEN_FDS": "3", "LISTEN_FDNAMES": "http:https:unknown"]
    #expect(PassedSockets.names(environment, process: 7) == ["http", "https", ""])
    #expect(PassedSockets.names(["LISTEN_PID": "7", "LISTEN_FDS": "2"], process: 7) == ["", ""])
  }

  @Test(
    "Sockets for another process, or without a valid number, are ignored",
    arguments: [
      [:], ["LISTEN_FDS": "1"], ["LISTEN_PID": "8", "LISTEN_FDS": "1"],
      ["LISTEN_PID": "7", "LISTEN_FDS": "0"], ["LISTEN_PID": "7", "LISTEN_FDS": "-1"],
      ["LISTEN_PID": "7", "LISTEN_FDS": "x"], ["LISTEN_PID": "7", "LISTEN_FDS": "1025"],
    ])
  func others(environment: [String: String]) throws {
    #expect(PassedSockets.names(environment, process: 7) == [])
    #expect(try PassedSockets(environment: environment).entries.isEmpty)
  }
}
