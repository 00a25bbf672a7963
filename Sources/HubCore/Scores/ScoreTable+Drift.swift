import PlantedFaults
import Primitives

// How the table handles drift: see `DriftConfirmation`.
extension ScoreTable {
  /// How often an id was counted.
  func count(at index: Int) -> UInt64 {
    index == ScoreTruth.outside ? untrackedPosition : tracked.totals[index]
  }

  /// The truth minus the count, by index, without zeros.
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

  // MARK: While nothing is sent

  /// A fence at the start, or after a reconnect. The first one gives what was missed; increments it finds missing in
  /// Redis may only be between two commands. The next fences confirm it, or check the remaining drift.
  ///
  /// - Parameter hasShrunk: whether Redis holds less than at the previous fence. Then the cause is a set-back, not a
  ///   feeder.
  mutating func rejoin(_ drifts: [Int: Int64], hasShrunk: Bool) -> Reconciliation {
    if hasShrunk {
      confirmation = nil
      unconfirmed = unconfirmed ?? Unconfirmed()
      reconcile(drifts)
      return .undecided
    }
    if let current = confirmation {
      switch goOn(with: current, drifts) {
      case .undecided: return .undecided
      case .explained: break
      case .remains(let drifts): reconcile(drifts)
      }
      return release()
    }
    if unconfirmed != nil {
      guard !drifts.isEmpty else { return release() }
      confirmation = DriftConfirmation(drifts)
      return .undecided
    }
    unconfirmed = Unconfirmed()
    guard !drifts.isEmpty else { return release() }
    reconcile(drifts.filter { $0.value > 0 })
    return .undecided
  }

  /// Corrects drift before any of it is sent.
  private mutating func reconcile(_ drifts: [Int: Int64]) {
    guard !drifts.isEmpty else { return }
    let before = position
    ledger.repairedAtReconnect += grow(by: drifts)
    let repaired = position - before
    unconfirmed?.repaired += repaired
    unconfirmed?.isSettling = true
    lower(by: drifts)
    moveRaw(from: before, to: position)
  }

  /// The adopted totals are confirmed, and may be sent. Where edges were sent more before the feed broke, they take
  /// it back.
  private mutating func release() -> Reconciliation {
    let repaired = unconfirmed?.repaired ?? 0
    isSettling = unconfirmed?.isSettling ?? false
    unconfirmed = nil
    confirmation = nil
    standing = .anchored
    isUnplaced = false
    let before = publishedBefore
    publishedBefore = nil
    let excess = before.map(excess) ?? 0
    if excess > 0 { takeBack(excess) }
    return switch (repaired, excess) {
    case (0, 0): .confirmed
    case (_, 0): .repaired(repaired)
    default: .corrected(repaired: repaired, overcounted: excess)
    }
  }

  /// By how much edges were sent more than the table holds.
  private func excess(of before: PublishedTotals) -> UInt64 {
    let outside = before.untrackedPosition - min(before.untrackedPosition, untrackedPosition)
    return before.totals.indices.reduce(outside) { sum, index in
      sum.addingClamped(before.totals[index] - min(before.totals[index], tracked.totals[index]))
    }
  }

  // MARK: While messages come

  /// A fence while the feed is live.
  mutating func examine(_ drifts: [Int: Int64]) -> Reconciliation {
    guard let current = confirmation else {
      guard !drifts.isEmpty else {
        isSettling = false
        return .confirmed
      }
      confirmation = DriftConfirmation(drifts)
      return .undecided
    }
    switch goOn(with: current, drifts) {
    case .undecided: return .undecided
    case .explained:
      isSettling = false
      return .explained
    case .remains(let drifts): return correct(drifts)
    }
  }

  private mutating func correct(_ drifts: [Int: Int64]) -> Reconciliation {
    let before = position
    ledger.repairedWhileConnected += grow(by: drifts)
    let repaired = position - before
    let overcounted = lower(by: drifts)
    isSettling = true
    if overcounted > 0 {
      moveRaw(from: before, to: position)
      takeBack(overcounted)
    }
    return .corrected(repaired: repaired, overcounted: overcounted)
  }

  /// Checks the doubtful drift against one more fence; afterwards nothing is in doubt, unless it is still undecided.
  private mutating func goOn(
    with doubts: DriftConfirmation, _ drifts: [Int: Int64]
  ) -> DriftConfirmation.Verdict {
    var current = doubts
    let verdict = current.fenced(drifts)
    if current.hasExplained { isFeederAtomic = false }
    confirmation = nil
    switch verdict {
    case .undecided: confirmation = current
    case .explained: ledger.driftsExplained += 1
    case .remains: break
    }
    return verdict
  }

  // MARK: Up and down

  /// Totals are below those sent to edges, so edges need a snapshot. It includes the pending flush.
  private mutating func takeBack(_ count: UInt64) {
    ledger.overcounted = ledger.overcounted.addingClamped(count)
    ledger.corrections += 1
    changed.removeAll()
    flushedPosition = position
    order.restart(at: position)
  }

  /// Raises totals by the positive drifts.
  ///
  /// - Returns: the part of ids that have room in the table.
  private mutating func grow(by drifts: [Int: Int64]) -> UInt64 {
    var grown: UInt64 = 0
    for (index, drift) in drifts.sorted(by: { $0.key < $1.key }) where drift > 0 {
      if index == ScoreTruth.outside {
        untrackedPosition = untrackedPosition.addingClamped(drift.magnitude)
        ledger.unrepairable += drift.magnitude
      } else {
        grown += tracked.add(drift.magnitude, at: index)
        changed.insert(index)
      }
    }
    return grown
  }

  /// Lowers totals by the negative drifts.
  ///
  /// - Returns: the sum of the reductions.
  @discardableResult
  private mutating func lower(by drifts: [Int: Int64]) -> UInt64 {
    var fallen: UInt64 = 0
    for (index, drift) in drifts where drift < 0 && !planted(.excessKept) {
      if index == ScoreTruth.outside {
        let fall = min(drift.magnitude, untrackedPosition)
        untrackedPosition -= fall
        fallen = fallen.addingClamped(fall)
      } else {
        fallen = fallen.addingClamped(tracked.lower(drift.magnitude, at: index))
        changed.insert(index)
      }
    }
    return fallen
  }
}
