import Service
import Testing

@Suite struct PreflightReportTests {
  private struct Broken: Error, CustomStringConvertible { let description = "it is\nbroken" }

  @Test("each finding is one line, with its remedy")
  func lines() {
    var report = PreflightReport()
    report.ok("a", "fine")
    report.warn("b", "old", remedy: "renew it")
    let result: Int? = report.attempt("c", remedy: "mend it") { throw Broken() }
    #expect(result == nil)
    let other = report.attempt("d", remedy: "") { 7 }
    #expect(other == 7)
    #expect(
      report.findings.map(\.line) == [
        "ok    a: fine", "warn  b: old -> renew it", "fail  c: it is\\nbroken -> mend it",
      ])
  }

  @Test("only a failure makes a status other than 0")
  func status() {
    var report = PreflightReport()
    report.warn("a", "old", remedy: "renew it")
    #expect(report.status == 0)
    report.fail("b", "gone", remedy: "bring it back")
    report.ok("c", "fine")
    #expect(report.status == 1)
  }
}
