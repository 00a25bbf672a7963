import Primitives
import Testing

@testable import Bench

@Suite struct LoadReportTests {
  private func report() -> LoadReport {
    var report = LoadReport(
      target: "http://127.0.0.1:8001/subscribe/eps", counts: ClientCounts(clients: 1000))
    report.measured = .seconds(10)
    report.streaming = 1000
    report.tally = StreamTally(events: 590_000, amount: 3_000_000, bytes: 35_400_000)
    report.processes = [
      LoadReport.Process(
        id: 7, before: ProcessSample(residentBytes: 10_240_000),
        idle: ProcessSample(residentBytes: 10_752_000),
        start: ProcessSample(cpuNanoseconds: 1_000_000_000, switchesVoluntary: 5),
        end: ProcessSample(cpuNanoseconds: 3_950_000_000, switchesVoluntary: 605))
    ]
    report.latency.record(12_000, times: 99)
    report.latency.record(40_000)
    report.check = LoadReport.Check(
      of: Array(repeating: StreamTally(amount: 3000), count: 1000), expected: 3000)
    return report
  }

  @Test("Figures follow from the counts")
  func figures() throws {
    let report = report()
    #expect(report.cpuPerEvent == 5)
    #expect(abs(report.cores - 0.295) < 1e-9)
    #expect(report.eventsPerStreamSecond == 59)
    #expect(report.bytesPerEvent == 60)
    #expect(report.memoryPerClient == 512)
    #expect(report.isGood)
  }

  @Test("Without a process there is no cost, and without a client no good run")
  func nothing() {
    let report = LoadReport(target: "", counts: ClientCounts())
    #expect(report.cpuPerEvent == nil)
    #expect(report.memoryPerClient == nil)
    #expect(report.eventsPerStreamSecond == 0)
    #expect(!report.isGood)
  }

  @Test("The table shows each figure with its unit")
  func table() {
    let rows = Dictionary(report().rows.map { ($0[0], $0[1]) }) { first, _ in first }
    #expect(rows["clients"] == "1,000 of 1,000 streaming")
    #expect(rows["events"] == "590,000, 59.00 a second for each stream")
    #expect(rows["bytes"] == "35,400,000, 60.0 for each event")
    #expect(rows["CPU per event"] == "5.000 µs, 0.30 cores")
    #expect(rows["memory per client"] == "0.50 KiB, idle")
    #expect(rows["  switches"] == "600 voluntary, 0 not")
    #expect(rows["check"] == "1,000 of 1,000 streams got exactly the 3,000 that Redis counted")
    #expect(rows["latency"]?.hasSuffix("max 40.00 ms") == true)
  }

  @Test("The JSON has the same figures, with units in the names")
  func json() {
    let text = String(decoding: report().json, as: UTF8.self)
    #expect(text.contains("\"cpu_per_event_microseconds\":5.0"))
    #expect(text.contains("\"memory_per_idle_client_bytes\":512.0"))
    #expect(
      text.contains(
        "\"check\":{\"passed\":true,\"expected\":3000,\"clients\":1000,\"exact\":1000,\"deviation\":0}"))
    #expect(text.contains("\"processes\":[{\"id\":7,\"cpu_nanoseconds\":2950000000,"))
    #expect(text.hasPrefix("{") && text.hasSuffix("}"))
  }

  @Test("A run in which one client missed something, or got something malformed, is not good")
  func bad() {
    var missed = report()
    missed.check = LoadReport.Check(
      of: [StreamTally(amount: 2999), StreamTally(amount: 3000)], expected: 3000)
    #expect(!missed.isGood)
    #expect(
      missed.verdict
        == "1 of 2 streams got exactly the 3,000 that Redis counted, the others are off by 1 in all")
    var malformed = report()
    malformed.tally.malformed = 1
    #expect(!malformed.isGood)
  }

  @Test("A run without a comparison says so, and does not fail")
  func unchecked() {
    var report = report()
    report.check = nil
    #expect(report.isGood)
    #expect(report.verdict.hasPrefix("none: this run wrote no scores"))
    report.written = 5
    #expect(report.verdict.hasPrefix("none: something else wrote"))
  }
}

@Suite struct CheckTests {
  @Test("Without an expected amount, most clients set the standard")
  func usual() {
    let check = LoadReport.Check(of: [7, 7, 7, 5].map { StreamTally(amount: $0) }, expected: nil)
    #expect(check == LoadReport.Check(expected: nil, clients: 4, exact: 3, deviation: 2))
    #expect(!check.isPassed)
  }

  @Test("With an expected amount, a common loss is detected")
  func expected() {
    let check = LoadReport.Check(of: [7, 7].map { StreamTally(amount: $0) }, expected: 9)
    #expect(check.exact == 0)
    #expect(check.deviation == 4)
  }

  @Test("The right number of events in another order is not right")
  func order() {
    let tallies = [11, 11, 12].map { StreamTally(amount: 4, hash: $0) }
    #expect(LoadReport.Check(of: tallies, expected: 4).exact == 2)
  }

  @Test("A client with twice the amount is off as well")
  func tooMuch() {
    let check = LoadReport.Check(of: [StreamTally(amount: 18)], expected: 9)
    #expect(check.deviation == 9)
    #expect(!check.isPassed)
  }
}
