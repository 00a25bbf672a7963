import PlantedFaults
import Primitives

/// A release in progress: its subscribers leave one after the other.
struct OngoingRelease: Sendable {
  var plan: ReleasePlan
  /// The subscribers that are left to release; the next one is last.
  var clients: [ClientID]
  /// How many of them are due now.
  var due = 0
  let retry: RetryDelay
  let reason: CloseReason
}

// Which subscribers are released, and when.
extension Subscribers {
  /// The number of subscribers that are still to be released.
  package var releasingCount: Int { ongoing?.clients.count ?? 0 }

  /// When the next subscriber is due (``nextReleased(now:using:)``); nil if none is.
  package var releaseDeadline: Instant? { ongoing?.plan.deadline }

  /// The edge has too many clients: releases a number of them over a window. A draining worker ignores this, because
  /// it releases all of them.
  package mutating func shed(
    _ count: Int, over window: Duration, now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard !isDraining else { return }
    counters.releasedOfLate = 0
    begin(count, over: window, because: .shed, now: now, using: &random)
  }

  /// Takes each stream's subscribers in proportion. A new release replaces one in progress, so that a repeated
  /// request does not release twice as many.
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

  /// Releases the next subscriber that is due. The driver calls this until it returns nil, when a release has begun
  /// and at its deadline.
  package mutating func nextReleased(
    now: Instant, using random: inout some RandomNumberGenerator
  ) -> (departure: Departure, reason: CloseReason)? {
    guard var current = ongoing else { return nil }
    // Taken out, so that its list is changed in place and not copied for each subscriber.
    ongoing = nil
    current.due += current.plan.timerTriggered(now: now)
    while current.due > 0, let client = current.clients.popLast() {
      if planted(.drainForgetsClients), current.reason == .drained { continue }
      // A subscriber that left by itself does not count: the others keep their pace, and the release ends sooner.
      guard let departure = release(client, retry: current.retry, using: &random) else { continue }
      counters.releasedOfLate += 1
      current.due -= 1
      ongoing = current
      return (departure, current.reason)
    }
    ongoing = current.clients.isEmpty ? nil : current
    return nil
  }

  /// The subscribers that match, for ``release(_:using:)``.
  package func matching(_ match: ClientMatch) -> [ClientID] {
    table.ids.filter { client in
      let subscriber = table[client.slot]
      return match.contains(subscriber.stream, from: subscriber.address, key: subscriber.key)
    }
  }

  // MARK: Age

  /// Schedules the end of a stream by its age, if the operator limits it.
  mutating func scheduleRefresh(
    _ client: ClientID, now: Instant, using random: inout some RandomNumberGenerator
  ) {
    guard let age = terms.refreshAfter else { return }
    refreshes.clientJoined(client, age: age, now: now, using: &random)
  }

  /// Takes out the subscribers that have reached their age, for ``release(_:using:)``; some may be gone.
  package mutating func takeAged(now: Instant) -> [ClientID] { refreshes.takeDue(now: now) }
}
