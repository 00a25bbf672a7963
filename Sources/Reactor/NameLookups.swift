import Primitives

/// The names being looked up, and the requests that wait for each, as a pure state machine; ``Resolver`` performs its
/// decisions.
///
/// One look-up of a name serves all requests that arrive while it is under way. An answer that arrives after its last
/// request was withdrawn is kept for a moment, so that a name server slower than an attempt's limit serves the next
/// attempt. Otherwise each request looks the name up again, because the lifetime of an answer is not known here.
struct NameLookups<Answer> {
  /// How many names may be looked up at the same time: each takes a thread.
  static var underWayMaximum: Int { 16 }
  /// How long a late answer is kept: longer than a hub or an edge waits between two attempts.
  static var keptFor: Duration { .seconds(10) }
  /// How many late answers are kept.
  static var keptMaximum: Int { 16 }

  /// The outcome of a request.
  enum Outcome {
    /// The answer is there.
    case answer(Answer)
    /// Look the name up; this request waits for the answer too.
    case begin
    /// The name is being looked up.
    case wait
    /// Too many names are being looked up.
    case refuse
  }

  private struct Kept {
    let answer: Answer
    let until: Instant
  }

  /// The requests that wait for each name, in order of arrival.
  private var underWay: [String: [Int]] = [:]
  private var kept: [String: Kept] = [:]

  /// A request for the addresses of a name.
  mutating func asked(_ name: String, by asker: Int, now: Instant) -> Outcome {
    forgetOld(now: now)
    if let known = kept[name] { return .answer(known.answer) }
    if underWay[name] != nil {
      underWay[name]?.append(asker)
      return .wait
    }
    guard underWay.count < Self.underWayMaximum else { return .refuse }
    underWay[name] = [asker]
    return .begin
  }

  /// A request is withdrawn. The look-up continues, because it cannot be cancelled.
  mutating func withdrawn(_ name: String, by asker: Int) {
    underWay[name]?.removeAll { $0 == asker }
  }

  /// A look-up has ended.
  ///
  /// - Parameter answer: nil if it failed; a failure is not kept.
  /// - Returns: the requests that wait for it.
  mutating func answered(_ name: String, with answer: Answer?, now: Instant) -> [Int] {
    forgetOld(now: now)
    let askers = underWay.removeValue(forKey: name) ?? []
    if askers.isEmpty, let answer, kept.count < Self.keptMaximum {
      kept[name] = Kept(answer: answer, until: now.advanced(by: Self.keptFor))
    }
    return askers
  }

  private mutating func forgetOld(now: Instant) {
    kept = kept.filter { $0.value.until > now }
  }
}
