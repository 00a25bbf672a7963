public import Primitives

/// Subscribers that are being let go, one after the other.
struct OngoingRelease: Sendable {
  var plan: ReleasePlan
  /// Those that are still to go; the next one last.
  var clients: [ClientID]
  /// How many of them may go now.
  var due = 0
  let retry: RetryDelay
  let reason: CloseReason
}

// Who is let go that could have stayed, and when.
extension Subscribers {
  /// How many are to be let go, at present.
  public var releasingCount: Int { ongoing?.clients.count ?? 0 }

  /// When the next of them goes (``nextReleased(now:using:)``); nil if none does.
  public var releaseDeadline: Instant? { ongoing?.plan.deadline }

  /// The edge has too many: lets so many go over a window. A worker that drains lets all of its own go already.
  public mutating func shed(
    _ count: Int, over window: Duration, now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard !isDraining else { return }
    counters.releasedOfLate = 0
    begin(count, over: window, because: .shed, now: now, using: &random)
  }

  /// Of each stream its share. It takes the place of a release that is under way, so that asking twice does not cost twice as
  /// many.
  mutating func begin(
    _ count: Int, over window: Duration, because reason: CloseReason, now: Instant,
    using random: inout some RandomNumberGenerator
  ) {
    let byStream = Dictionary(grouping: table.ids) { table[$0.slot].stream }
    let picked = Selection.pick(count, of: byStream.values.flatMap(\.self), using: &random)
    let pace = ReleasePace(window: window, retry: terms.retry)
    ongoing = OngoingRelease(
      plan: ReleasePlan(count: picked.count, over: pace.span, from: now),
      clients: picked.shuffled(using: &random), retry: pace.retry, reason: reason)
  }

  /// Takes out the next one whose time to go has come. To be asked until there is none, when a release has begun and at its
  /// deadline.
  public mutating func nextReleased(
    now: Instant, using random: inout some RandomNumberGenerator
  ) -> (departure: Departure, reason: CloseReason)? {
    guard var current = ongoing else { return nil }
    current.due += current.plan.timerTriggered(now: now)
    while current.due > 0, let client = current.clients.popLast() {
      // One that has left by itself does not count: the others keep their pace, and it is over sooner.
      guard let departure = release(client, retry: current.retry, using: &random) else { continue }
      counters.releasedOfLate += 1
      current.due -= 1
      ongoing = current
      return (departure, current.reason)
    }
    ongoing = current.clients.isEmpty ? nil : current
    return nil
  }

  /// Those that are to be closed (``release(_:using:)``).
  public func matching(_ match: ClientMatch) -> [ClientID] {
    table.ids.filter { client in
      let subscriber = table[client.slot]
      return match.contains(subscriber.stream, from: subscriber.address, key: subscriber.key)
    }
  }

  // MARK: Age

  /// Sets when a client is asked to connect anew, where the operator wants that.
  mutating func scheduleRefresh(
    _ client: ClientID, now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let age = terms.refreshAfter else { return }
    refreshes.clientJoined(client, age: age, now: now, using: &random)
  }

  /// Takes out those that are old enough to be let go (``release(_:using:)``); some may be gone.
  public mutating func takeAged(now: Instant) -> [ClientID] { refreshes.takeDue(now: now) }
}
