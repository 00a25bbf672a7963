import Primitives
import Reactor
import Service
import Testing
import Transport

@testable import Preflight

@Suite struct ReadinessTests {
  @Test(
    "A listener is reached at its own address, and one at all addresses at the loopback address",
    arguments: [
      (":8001", "127.0.0.1:8001"), ("8001", "127.0.0.1:8001"), ("0.0.0.0:8001", "127.0.0.1:8001"),
      ("[::]:8001", "[::1]:8001"), ("localhost:8001", "127.0.0.1:8001"), ("192.0.2.7:8001", "192.0.2.7:8001"),
      ("[2001:db8::7]:8001", "[2001:db8::7]:8001"), ("unix:/run/edge.sock", "unix:/run/edge.sock"),
    ])
  func endpoints(listen: String, endpoint: String) throws {
    #expect(try PreflightReport.endpoint(of: ListenAddress(parsing: listen))?.description == endpoint)
  }

  @Test("An address whose port the kernel chose cannot be asked, and the remedy is named")
  func unknownPort() throws {
    var report = PreflightReport()
    try report.readiness(of: "emojitrack-edge", at: ListenAddress(parsing: "127.0.0.1:0"))
    #expect(
      report.findings.map(\.line) == [
        "fail  readiness: cannot be asked for at 127.0.0.1:0: the kernel chose the port -> set status.listen to an address with a port"
      ])
  }

  @Test("A peer that accepts and says nothing costs 2 s")
  func silence() throws {
    let address = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
    // The kernel accepts on its behalf.
    let silent = try ListeningSocket(on: address)
    let clock = ContinuousClock()
    var report = PreflightReport()
    let time = try clock.measure {
      report.readiness(of: "emojitrack-hub", at: try ListenAddress(parsing: "\(silent.address)"))
    }
    #expect(time >= .seconds(2) && time < .seconds(10))
    #expect(report.status == 1)
    #expect(
      report.findings.map(\.text) == [
        "emojitrack-hub does not answer at \(silent.address): no whole answer within 2 s"
      ])
  }
}
