/// What a doctor finds, one line each: `ok`, `warn` or `fail`, what it is about, what was found, and what to do about it.
public struct Examination: Equatable, Sendable {
  /// How it is.
  public enum Verdict: String, Equatable, Sendable {
    /// As it should be.
    case ok
    /// It works, but somebody should look at it.
    case warn
    /// It does not work.
    case fail
  }

  /// One finding.
  public struct Finding: Equatable, Sendable {
    /// How it is.
    public let verdict: Verdict
    /// What it is about: the key of a setting, or a word.
    public let subject: String
    /// What was found, in words.
    public let text: String
    /// What to do about it; nil if nothing is to be done.
    public let remedy: String?

    /// The line.
    public var line: String {
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

  /// What was found so far.
  public private(set) var findings: [Finding] = []

  /// Nothing was looked at yet.
  public init() {}

  /// The status to end with: 1 if anything does not work, else 0.
  public var status: Int32 { findings.contains { $0.verdict == .fail } ? 1 : 0 }

  /// It is as it should be.
  public mutating func ok(_ subject: String, _ text: String) {
    findings.append(Finding(verdict: .ok, subject: subject, text: text, remedy: nil))
  }

  /// It works, but somebody should look at it.
  public mutating func warn(_ subject: String, _ text: String, remedy: String) {
    findings.append(Finding(verdict: .warn, subject: subject, text: text, remedy: remedy))
  }

  /// It does not work.
  public mutating func fail(_ subject: String, _ text: String, remedy: String) {
    findings.append(Finding(verdict: .fail, subject: subject, text: text, remedy: remedy))
  }

  /// Tries something; what it throws is a finding.
  ///
  /// - Returns: what came of it; nil if it failed.
  public mutating func attempt<Result>(_ subject: String, remedy: String, _ body: () throws -> Result)
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
