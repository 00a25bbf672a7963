import Service
import Testing

@Suite struct ExaminationTests {
  private struct Broken: Error, CustomStringConvertible { let description = "it is\nbroken" }

  @Test("each finding is one line, with its remedy")
  func lines() {
    var examination = Examination()
    examination.ok("a", "fine")
    examination.warn("b", "old", remedy: "renew it")
    let result: Int? = examination.attempt("c", remedy: "mend it") { throw Broken() }
    #expect(result == nil)
    let other = examination.attempt("d", remedy: "") { 7 }
    #expect(other == 7)
    #expect(
      examination.findings.map(\.line) == [
        "ok    a: fine", "warn  b: old -> renew it", "fail  c: it is\\nbroken -> mend it",
      ])
  }

  @Test("only a failure makes a status other than 0")
  func status() {
    var examination = Examination()
    examination.warn("a", "old", remedy: "renew it")
    #expect(examination.status == 0)
    examination.fail("b", "gone", remedy: "bring it back")
    examination.ok("c", "fine")
    #expect(examination.status == 1)
  }
}
