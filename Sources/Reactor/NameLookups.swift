import Primitives

/// Which names are being looked up, and who waits for each, as a pure state machine: ``Resolver`` does what it decides.
///
/// One look-up of a name serves all that ask while it is under way. An answer that comes when nobody waits for it any
/// more is kept for a moment, so that a name server that is slower than an attempt may last serves the next attempt.
/// Otherwise each attempt asks anew: nothing here knows how long an answer holds good.
struct NameLookups<Answer> {
  /// How many names may be looked up at the same time: each takes a thread.
  static var underWayMaximum: Int { 16 }
  /// How long an answer that came too late is kept: longer than a hub or an edge waits between two attempts.
  static var keptFor: Duration { .seconds(10) }
  /// How many such answers are kept.
  static var keptMaximum: Int { 16 }

  /// What becomes of a question.
  enum Outcome {
    /// The answer is there.
    case answer(Answer)
    /// Look the name up; the answer is for this asker too.
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

  /// Who waits for a name that is being looked up, first come first.
  private var underWay: [String: [Int]] = [:]
  private var kept: [String: Kept] = [:]

  /// Somebody wants the addresses of a name.
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

  /// Somebody waits no longer. The look-up goes on: nothing can end it.
  mutating func withdrawn(_ name: String, by asker: Int) {
    underWay[name]?.removeAll { $0 == asker }
  }

  /// A look-up is over.
  ///
  /// - Parameter answer: nil if it failed, which is not kept.
  /// - Returns: who waits for it.
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
