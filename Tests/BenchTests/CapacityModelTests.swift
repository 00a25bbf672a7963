import Service
import Testing

@testable import Bench

@Suite struct CapacityModelTests {
  private func model(_ arguments: String...) throws -> CapacityModel {
    CapacityModel(try Settings<CapacityDeclaration>.resolve(arguments: arguments, environment: [:]))
  }

  @Test("The scarcest resource decides the number of edges, and there is a spare one in ten")
  func limits() throws {
    // 1,000,000 clients × 10 events × 8.5 µs = 85 cores; an edge plans with 4.8.
    let usual = try model()
    #expect(usual.edgesNeeded == 18)
    #expect(usual.edges == 20)
    #expect(usual.clientsPerEdge == 50_000)
    // 2.93 KB a second and client are 2.9 Gbit/s for 100,000, more than one edge plans with.
    let slow = try model("--bandwidth", "0.1", "--tls", "false")
    #expect(slow.limits.first { $0.name == "bandwidth" }?.edges == slow.edgesNeeded)
    let small = try model("--memory", "1")
    #expect(small.limits.first { $0.name == "memory" }?.edges == 15)
  }

  @Test("Ten times the clients need ten times the edges, and more addresses than an answer holds")
  func growth() throws {
    let large = try model("--clients", "10000000")
    #expect(large.edgesNeeded == 178)
    #expect(large.answersNeeded == 3)
    #expect(large.rows.contains { $0[0] == "DNS" && $0[1].hasPrefix("3 subsets") })
  }

  @Test("One client needs one edge and a spare one")
  func least() throws {
    let one = try model("--clients", "1")
    #expect(one.edges == 2)
    #expect(one.answersNeeded == 1)
  }
}
