import HTTP
import PlantedFaults
import Primitives

extension DeliveryStream {
  /// About how many bytes of the log are copied at once for a lagging client: enough for few writes, and little
  /// enough that thousands of clients may lag.
  private static var writeTarget: Int { 4 * 1024 }

  /// The next write to a lagging client whose socket has room; nil when there is none for now.
  ///
  /// To be called after a flush, if one was due: a client that reaches the end of the log is in step from then on.
  /// While entries wait to be flushed, a client gets only the rest of the bytes that it was cut in.
  package func nextWrite() -> Write? {
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
        // It took its last byte when it last made progress.
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

  /// The kernel accepted `count` bytes of the last ``nextWrite()``; fewer than offered means that the socket is full.
  package func wrote(_ slot: Int32, count: Int, at now: Instant) {
    guard var laggard = laggards[slot] else { return }
    laggard.sent += count
    if count > 0 { laggard.progressAt = now }
    if laggard.sent < laggard.pending.count { laggard.isWritable = false }
    laggards[slot] = laggard
  }

  /// The clients to disconnect: those that took no byte for too long, and those too far behind in a stream that may
  /// skip nothing. A client that was lagging when another history began cannot be brought there: it may reconnect and
  /// start over.
  package func overdue(at now: Instant) -> [(slot: Int32, reason: CloseReason)] {
    if planted(.laggardsKept) { return [] }
    return laggards.compactMap { slot, laggard in
      if laggard.hasPartialWrite, laggard.progressAt.advanced(by: lagMaximum) < now {
        return (slot, .writeTimeout)
      }
      return isUnrecoverable(laggard.sequence) ? (slot, .lagged) : nil
    }
  }

  /// The clients that lag, and since when each of them has not taken what there is for it.
  package var behind: [(slot: Int32, since: Instant)] {
    laggards.map { slot, laggard in (slot, log.time(of: laggard.sequence) ?? laggard.progressAt) }
  }

  /// Whether the entries after a sequence number can no longer be summed exactly.
  private func isUnrecoverable(_ sequence: UInt64) -> Bool {
    if let resetSequence, sequence <= resetSequence { return true }
    return kind.lagPolicy == .sum && sequence < log.firstSequence
  }

  /// Gives the next bytes to every client that has taken its pending ones and has room for more.
  private func refill() {
    switch kind.lagPolicy {
    case .skip: for slot in writable { refillFromLog(slot) }
    case .sum: refillWithSums()
    }
  }

  private func isReadyForMore(_ slot: Int32) -> Bool {
    laggards[slot].map { $0.isReadyForMore && $0.sequence < log.endSequence } ?? false
  }

  private func refillFromLog(_ slot: Int32) {
    guard isReadyForMore(slot), var laggard = laggards[slot] else { return }
    guard !isUnrecoverable(laggard.sequence) else {
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

  /// One walk over the log, backwards from its end, serves all of them: at the place of a client, the sum so far is
  /// what it missed. Clients at the same place share one rendering.
  private func refillWithSums() {
    var sum = GrowthSum()
    var events: UInt64 = 0
    var sequence = log.endSequence
    var rendered: [UInt8]?
    var id: EventID?
    let hungry = writable.filter(isReadyForMore).compactMap { slot in
      laggards[slot].map { (slot, $0.sequence) }
    }
    for (slot, start) in hungry.sorted(by: { $0.1 > $1.1 }) {
      // It is overdue, and will be disconnected.
      guard !isUnrecoverable(start) else {
        laggards[slot]?.isWritable = false
        continue
      }
      if start < sequence { rendered = nil }
      while sequence > (planted(.sumForgetsOldest) ? start + 1 : start) {
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

  /// One event for all of the entries; if another history begins among them, two, with the beginning in between.
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

  /// Without growth there were only comments: one stands for all of them.
  private func render(_ sum: GrowthSum, _ id: EventID?) -> [UInt8] {
    sum.isEmpty ? EventStream.comment : renderSum(sum.growth, id)
  }
}

/// Adds up growth by id.
struct GrowthSum {
  private var amounts: [ScoreID: UInt64] = [:]

  var isEmpty: Bool { amounts.isEmpty }

  var growth: [ScoreGrowth] { amounts.map { ScoreGrowth(id: $0.key, amount: $0.value) } }

  mutating func add(_ growth: [ScoreGrowth]) {
    for entry in growth { amounts[entry.id, default: 0] &+= entry.amount }
  }
}
