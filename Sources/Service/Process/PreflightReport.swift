/// The findings of a `check` command, one line each: `ok`, `warn` or `fail`, the subject, the finding, and the
/// remedy.
package struct PreflightReport: Equatable, Sendable {
  /// The result of one check.
  package enum Verdict: String, Equatable, Sendable {
    /// As it should be.
    case ok
    /// It works, but an operator should look at it.
    case warn
    /// It does not work.
    case fail
  }

  /// One finding.
  package struct Finding: Equatable, Sendable {
    /// The result.
    package let verdict: Verdict
    /// The subject: the key of a setting, or a word.
    package let subject: String
    /// The finding in words.
    package let text: String
    /// The remedy; nil if none is needed.
    package let remedy: String?

    /// The finding as a line of the report.
    package var line: String {
      let verdict = verdict.rawValue + String(repeating: " ", count: 4 - verdict.rawValue.utf8.count)
      var line = "\(verdict)  \(subject): "
      LogEscape.appendText(text, to: &line)
      if let remedy {
        line += " -> "
        LogEscape.appendText(remedy, to: &line)
      }
      return line
    }
  }

  /// The findings so far.
  package private(set) var findings: [Finding] = []

  /// No findings yet.
  package init() {}

  /// The exit status: 1 if anything does not work, else 0.
  package var status: Int32 { findings.contains { $0.verdict == .fail } ? 1 : 0 }

  /// Adds that something is as it should be.
  package mutating func ok(_ subject: String, _ text: String) {
    findings.append(Finding(verdict: .ok, subject: subject, text: text, remedy: nil))
  }

  /// Adds that something works, but needs attention.
  package mutating func warn(_ subject: String, _ text: String, remedy: String) {
    findings.append(Finding(verdict: .warn, subject: subject, text: text, remedy: remedy))
  }

  /// Adds that something does not work.
  package mutating func fail(_ subject: String, _ text: String, remedy: String) {
    findings.append(Finding(verdict: .fail, subject: subject, text: text, remedy: remedy))
  }

  /// Tries a step; an error becomes a finding.
  ///
  /// - Returns: the result; nil if it failed.
  package mutating func attempt<Result>(_ subject: String, remedy: String, _ body: () throws -> Result)
    -> Result?
  {
    do {
      return try body()
    } catch {
      fail(subject, "\(error)", remedy: remedy)
      return nil
    }
  }
}
