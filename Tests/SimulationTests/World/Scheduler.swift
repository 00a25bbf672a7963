import Primitives

/// The clock of a simulated world, and its future events: a heap of moments.
///
/// Events at the same moment happen in the order of scheduling, so a run depends on nothing but its seed.
final class Scheduler {
  private struct Entry {
    let at: Instant
    let number: UInt64
    let body: () -> Void

    func isBefore(_ other: Entry) -> Bool { at == other.at ? number < other.number : at < other.at }
  }

  private(set) var now = Instant(nanoseconds: 1_000_000_000)
  /// How many events have happened.
  private(set) var step = 0
  private var entries: [Entry] = []
  private var lastNumber: UInt64 = 0

  /// Schedules an event at a moment; at once if it has passed.
  func at(_ moment: Instant, _ body: @escaping () -> Void) {
    lastNumber += 1
    entries.append(Entry(at: max(moment, now), number: lastNumber, body: body))
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard entries[child].isBefore(entries[parent]) else { return }
      entries.swapAt(child, parent)
      child = parent
    }
  }

  /// Schedules an event after a delay.
  func after(_ delay: Duration, _ body: @escaping () -> Void) {
    at(now.advanced(by: delay), body)
  }

  /// Runs the next event that is due until a moment; false if there is none.
  func runNext(until end: Instant) -> Bool {
    guard let first = entries.first, first.at <= end else {
      now = max(now, end)
      return false
    }
    let last = entries.removeLast()
    if !entries.isEmpty {
      entries[0] = last
      sink()
    }
    now = first.at
    step += 1
    first.body()
    return true
  }

  /// Removes all scheduled events.
  func removeAll() {
    entries = []
  }

  private func sink() {
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < entries.count && entries[child].isBefore(entries[least]) {
        least = child
      }
      guard least != parent else { return }
      entries.swapAt(parent, least)
      parent = least
    }
  }
}

/// A deadline that is set again and again, as in a driver.
final class Alarm {
  private let scheduler: Scheduler
  private let action: () -> Void
  private var setting: (moment: Instant, number: Int)?
  private var number = 0

  init(on scheduler: Scheduler, _ action: @escaping () -> Void) {
    self.scheduler = scheduler
    self.action = action
  }

  /// Sets the moment; nil for none.
  func set(_ moment: Instant?) {
    guard let moment else {
      setting = nil
      return
    }
    if let setting, setting.moment == moment { return }
    number += 1
    let mine = number
    setting = (moment, mine)
    scheduler.at(moment) { [weak self] in
      guard let self, setting?.number == mine else { return }
      setting = nil
      action()
    }
  }
}
