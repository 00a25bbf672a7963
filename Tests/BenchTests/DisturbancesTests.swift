import Primitives
import Testing

@testable import Bench

@Suite struct DisturbancesTests {
  private let start = Instant(nanoseconds: 1_000_000_000)

  private func options() throws -> LoadOptions {
    var options = LoadOptions(target: try TargetURL(parsing: "http://127.0.0.1:1/subscribe/eps"))
    options.counts = ClientCounts(clients: 100, vanishing: 20, storming: 10, passing: 30)
    options.seconds = 4
    options.slowRate = 1_000
    return options
  }

  @Test("A run has its share of each, and one storm, in its middle")
  func run() throws {
    var disturbances = Disturbances(try options(), from: start)
    var sum = Disturbances.Due()
    var storms: [Int] = []
    for step in stride(from: 0, through: 4000, by: 10) {
      let due = disturbances.due(at: start.advanced(by: .milliseconds(step)))
      sum.vanishing += due.vanishing
      sum.passing += due.passing
      sum.slowBytes += due.slowBytes
      if due.storm { storms.append(step) }
    }
    #expect(sum.vanishing == 20)
    #expect(sum.passing == 120)
    #expect(sum.slowBytes == 4_000)
    #expect(storms == [2000])
  }

  @Test("Slow clients read ten times a second, not at every turn")
  func slow() throws {
    var disturbances = Disturbances(try options(), from: start)
    #expect(disturbances.due(at: start.advanced(by: .milliseconds(90))).slowBytes == 0)
    #expect(disturbances.due(at: start.advanced(by: .milliseconds(100))).slowBytes == 100)
    #expect(disturbances.due(at: start.advanced(by: .milliseconds(110))).slowBytes == 0)
  }

  @Test("Without disturbing clients nothing is due")
  func none() {
    var disturbances = Disturbances()
    #expect(disturbances.due(at: start) == Disturbances.Due())
  }
}
