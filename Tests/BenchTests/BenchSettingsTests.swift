import Service
import Testing

@testable import Bench

@Suite struct BenchSettingsTests {
  private func load(_ arguments: String...) throws -> LoadOptions {
    LoadOptions(
      try Settings<LoadDeclaration>.resolve(
        arguments: ["--url", "http://127.0.0.1:8001/subscribe/eps"] + arguments, environment: [:]))
  }

  @Test("A load needs no more than its URL, and then uses no Redis")
  func defaults() throws {
    let options = try load()
    #expect(options.counts == ClientCounts(clients: 100))
    #expect(options.redisURL == nil)
    #expect(options.rate == 0)
    #expect(options.processes.isEmpty)
    #expect(options.addresses == nil)
  }

  @Test("Each kind of client has its flag, and processes come as a list")
  func flags() throws {
    let options = try load(
      "--clients", "19000", "--stalled", "5", "--slow", "4", "--reset", "3", "--storm", "2", "--churn", "1",
      "--pid",
      "12,13")
    #expect(
      options.counts
        == ClientCounts(clients: 19_000, stalled: 5, slow: 4, vanishing: 3, storming: 2, passing: 1))
    #expect(options.processes == [12, 13])
  }

  @Test(
    "A bad value is refused in words",
    arguments: [["--url", "127.0.0.1"], ["--pid", "1,x"], ["--clients", "0"]])
  func refused(arguments: [String]) {
    #expect(throws: SettingsExit.self) { try load(arguments[0], arguments[1]) }
  }

  @Test("Experiments are chosen by name")
  func experiments() throws {
    let settings = try Settings<CompareDeclaration>.resolve(
      arguments: ["--pid", "1", "--experiments", "eps-500,memory"], environment: [:])
    #expect(settings.experiments.map(\.name) == ["eps-500", "memory"])
    #expect(throws: SettingsExit.self) {
      try Settings<CompareDeclaration>.resolve(
        arguments: ["--pid", "1", "--experiments", "x"], environment: [:])
    }
  }
}
