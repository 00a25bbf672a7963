import Primitives

// What is done about the difference between the truth and this table's count: at once after a reconnect, after a
// `DriftProbation` while the feed is live.
extension ScoreTable {
  /// How often an id was counted: its total, without what was told too early.
  func count(at index: Int) -> UInt64 {
    let total = index == ScoreTruth.outside ? untrackedPosition : tracked.totals[index]
    return total - (overcounts[index] ?? 0)
  }

  /// The truth minus the count, by index, where that is not zero.
  func drifts(to truth: ScoreTruth) -> [Int: Int64] {
    var drifts: [Int: Int64] = [:]
    for index in truth.totals.indices {
      let count = count(at: index)
      if truth.totals[index] != count { drifts[index] = Self.drift(from: count, to: truth.totals[index]) }
    }
    let outside = count(at: ScoreTruth.outside)
    if truth.outsideTotal != outside {
      drifts[ScoreTruth.outside] = Self.drift(from: outside, to: truth.outsideTotal)
    }
    return drifts
  }

  private static func drift(from count: UInt64, to truth: UInt64) -> Int64 {
    Int64(clamping: truth) - Int64(clamping: count)
  }

  /// The first fence after a reconnect: what was missed is adopted, what is missing in Redis is looked at again. Unless the
  /// feeder is known to send two commands, everything is held back meanwhile: if Redis was set back, nobody knows where anything
  /// stands, and two hubs would not say the same.
  mutating func rejoin(_ drifts: [Int: Int64]) -> Adoption {
    if isFeederAtomic, probation != nil || drifts.values.contains(where: { $0 < 0 }) { return doubt(drifts) }
    let before = position
    ledger.repairedAtReconnect += grow(by: drifts)
    moveRaw(from: before, to: position)
    standing = .anchored
    isUnplaced = false
    let deficits = drifts.filter { $0.value < 0 }
    probation = deficits.isEmpty ? nil : DriftProbation(deficits, areDeficitsLosses: !isSettling)
    if deficits.count < drifts.count {
      isSettling = true
      return .repaired(position - before)
    }
    guard deficits.isEmpty else { return .undecided }
    isSettling = false
    return .confirmed
  }

  /// Something is missing in Redis behind a reconnect: it is under way, or lost.
  private mutating func doubt(_ drifts: [Int: Int64]) -> Adoption {
    guard let current = probation else {
      probation = DriftProbation(drifts.filter { $0.value < 0 }, areDeficitsLosses: true)
      return .undecided
    }
    switch goOn(with: current, drifts) {
    case .undecided: return .undecided
    case .explained:
      let adoption = rejoin(drifts)
      return adoption == .confirmed ? .explained : adoption
    case .remains(let deficits): return goBackwards(deficits.keys)
    }
  }

  /// A fence while the feed is live.
  mutating func examine(_ drifts: [Int: Int64]) -> Adoption {
    guard let current = probation else {
      guard !drifts.isEmpty else {
        isSettling = false
        return .confirmed
      }
      probation = DriftProbation(drifts)
      return .undecided
    }
    switch goOn(with: current, drifts) {
    case .undecided: return .undecided
    case .explained:
      isSettling = false
      return .explained
    case .remains(let drifts):
      let deficits = drifts.filter { $0.value < 0 }
      if current.areDeficitsLosses && !deficits.isEmpty { return goBackwards(deficits.keys) }
      return correct(drifts, deficits)
    }
  }

  /// Holds what is in doubt against one more fence; afterwards nothing is in doubt, unless it is undecided yet.
  private mutating func goOn(
    with doubts: DriftProbation, _ drifts: [Int: Int64]
  ) -> DriftProbation.Verdict {
    var current = doubts
    let verdict = current.fenced(drifts)
    if current.hasExplained { isFeederAtomic = false }
    probation = nil
    switch verdict {
    case .undecided: probation = current
    case .explained: ledger.driftsExplained += 1
    case .remains: break
    }
    return verdict
  }

  private mutating func correct(_ drifts: [Int: Int64], _ deficits: [Int: Int64]) -> Adoption {
    for (index, deficit) in deficits { overcounts[index, default: 0] += deficit.magnitude }
    let overcounted = deficits.values.reduce(UInt64(0)) { $0.addingClamped($1.magnitude) }
    ledger.overcounted += overcounted
    let before = position
    ledger.repairedWhileConnected += grow(by: drifts)
    isSettling = true
    return .corrected(repaired: position - before, overcounted: overcounted)
  }

  /// Lets totals grow by what is positive, except by what was told already.
  ///
  /// - Returns: how much was told of ids that have room in the table.
  private mutating func grow(by drifts: [Int: Int64]) -> UInt64 {
    var told: UInt64 = 0
    for (index, drift) in drifts.sorted(by: { $0.key < $1.key }) where drift > 0 {
      let excess = overcounts[index] ?? 0
      overcounts[index] = excess > drift.magnitude ? excess - drift.magnitude : nil
      let growth = drift.magnitude - min(drift.magnitude, excess)
      guard growth > 0 else { continue }
      if index == ScoreTruth.outside {
        untrackedPosition = untrackedPosition.addingClamped(growth)
        ledger.unrepairable += growth
      } else {
        told += tracked.add(growth, at: index)
        changed.insert(index)
      }
    }
    return told
  }
}
