import HTTP
public import Primitives

extension DeliveryStream {
  /// About how much of the log is copied together for a client that lags: enough for few writes, and little enough
  /// that thousands of clients may lag.
  private static var writeTarget: Int { 4 * 1024 }

  /// What to write next to a client that lags and whose socket has room; nil when there is nothing more for now.
  ///
  /// To be asked after a flush, if one was due: whoever reaches the end of the log is in step from then on. While
  /// something waits to be flushed, a client gets the rest of what it was cut in, and nothing beyond.
  public func nextWrite() -> Write? {
    var index = writable.count - 1
    while index >= 0 {
      let slot = writable[index]
      guard let laggard = laggards[slot], laggard.isWritable else {
        writable.remove(at: index)
        index = writable.count - 1
        continue
      }
      if laggard.sent < laggard.pending.count {
        return Write(slot: slot, channel: laggard.channel, bytes: laggard.pending, start: laggard.sent)
      }
      if let following = laggard.following {
        followOn(slot, following)
        continue
      }
      if !isFlushed {
        index -= 1
      } else if laggard.sequence < log.endSequence {
        refill()
      } else {
        laggards[slot] = nil
        // Its last byte was taken when it made progress for the last time.
        if let since = laggard.since { counters.lag.record(since.duration(to: laggard.progressAt)) }
        joinStep(slot, laggard.channel)
      }
    }
    return nil
  }

  private func followOn(_ slot: Int32, _ following: SharedBytes) {
    guard var laggard = laggards[slot] else { return }
    laggard.pending = following.bytes
    laggard.sent = laggard.followingStart
    laggard.shared = following
    laggard.following = nil
    laggards[slot] = laggard
  }

  /// So many bytes of the last ``nextWrite()`` were taken by the kernel; fewer than offered means that it is full.
  public func wrote(_ slot: Int32, count: Int, at now: Instant) {
    guard var laggard = laggards[slot] else { return }
    laggard.sent += count
    if count > 0 { laggard.progressAt = now }
    if laggard.sent < laggard.pending.count { laggard.isWritable = false }
    laggards[slot] = laggard
  }

  /// The clients that must go: too long without taking a byte, or, where nothing may be skipped, too far behind. Where
  /// another history began while a client lagged, nothing can bring it there: it may come back and begin anew.
  public func overdue(at now: Instant) -> [(slot: Int32, reason: CloseReason)] {
    laggards.compactMap { slot, laggard in
      if laggard.isCut, laggard.progressAt.advanced(by: lagMaximum) < now {
        return (slot, .writeTimeout)
      }
      return isBeyondHelp(laggard.sequence) ? (slot, .lagged) : nil
    }
  }

  /// Whether what follows a place can not be given exactly any more.
  private func isBeyondHelp(_ sequence: UInt64) -> Bool {
    if let resetSequence, sequence <= resetSequence { return true }
    return kind.lagPolicy == .sum && sequence < log.firstSequence
  }

  /// Gives every client that has had its pending bytes, and has room for more, its next ones.
  private func refill() {
    switch kind.lagPolicy {
    case .skip: for slot in writable { refillFromLog(slot) }
    case .sum: refillWithSums()
    }
  }

  private func isHungry(_ slot: Int32) -> Bool {
    laggards[slot].map { $0.isHungry && $0.sequence < log.endSequence } ?? false
  }

  private func refillFromLog(_ slot: Int32) {
    guard isHungry(slot), var laggard = laggards[slot] else { return }
    guard !isBeyondHelp(laggard.sequence) else {
      laggards[slot]?.isWritable = false
      return
    }
    counters.eventsSkipped += log.eventsLost(from: laggard.sequence, eventsBefore: laggard.eventsBefore)
    let start = max(laggard.sequence, log.firstSequence)
    var end = start
    var size = 0
    while end < log.endSequence, size < Self.writeTarget {
      size += log[end].bytes.count
      counters.eventsSent += UInt64(log[end].eventCount)
      end += 1
    }
    laggard.pending = framing.framed(concatenated(start..<end))
    laggard.shared = nil
    laggard.sent = 0
    laggard.sequence = end
    laggard.eventsBefore = log.eventsBefore(end)
    laggards[slot] = laggard
  }

  /// One walk over the log, from its end backwards, serves all of them: at each one's place the sum so far is what
  /// it missed. Clients that stand at the same place share one rendering.
  private func refillWithSums() {
    var sum = GrowthSum()
    var events: UInt64 = 0
    var sequence = log.endSequence
    var rendered: [UInt8]?
    var id: EventID?
    let hungry = writable.filter(isHungry).compactMap { slot in laggards[slot].map { (slot, $0.sequence) } }
    for (slot, start) in hungry.sorted(by: { $0.1 > $1.1 }) {
      // It is overdue, and goes.
      guard !isBeyondHelp(start) else {
        laggards[slot]?.isWritable = false
        continue
      }
      if start < sequence { rendered = nil }
      while sequence > start {
        sequence -= 1
        sum.add(log[sequence].growth)
        id = id ?? log[sequence].id
        events += UInt64(log[sequence].eventCount)
      }
      let bytes = rendered ?? framing.framed(render(sum, id))
      rendered = bytes
      counters.eventsSummed += events
      laggards[slot]?.pending = bytes
      laggards[slot]?.shared = nil
      laggards[slot]?.sent = 0
      laggards[slot]?.sequence = log.endSequence
    }
  }

  func concatenated(_ range: Range<UInt64>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.reduce(0) { $0 + log[$1].bytes.count })
    for sequence in range { bytes.append(contentsOf: log[sequence].bytes) }
    return bytes
  }

  /// One event for all of the entries; two, where another history begins among them, with its beginning in between.
  func summed(_ range: Range<UInt64>) -> [UInt8] {
    var bytes: [UInt8] = []
    var sum = GrowthSum()
    var id: EventID?
    for sequence in range {
      let entry = log[sequence]
      if entry.isReset {
        if !sum.isEmpty { bytes += renderSum(sum.growth, id) }
        bytes += entry.bytes
        sum = GrowthSum()
      } else {
        sum.add(entry.growth)
        id = entry.id ?? id
      }
    }
    return bytes.isEmpty || !sum.isEmpty ? bytes + render(sum, id) : bytes
  }

  /// Where nothing grew there were only comments: one stands for all of them.
  private func render(_ sum: GrowthSum, _ id: EventID?) -> [UInt8] {
    sum.isEmpty ? EventStream.comment : renderSum(sum.growth, id)
  }
}

/// Adds growths up by id.
struct GrowthSum {
  private var amounts: [ScoreID: UInt64] = [:]

  var isEmpty: Bool { amounts.isEmpty }

  var growth: [ScoreGrowth] { amounts.map { ScoreGrowth(id: $0.key, amount: $0.value) } }

  mutating func add(_ growth: [ScoreGrowth]) {
    for entry in growth { amounts[entry.id, default: 0] &+= entry.amount }
  }
}
