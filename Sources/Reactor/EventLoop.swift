import CLinux
import Glibc
import Primitives

/// The events of a descriptor.
package struct Readiness: OptionSet, Sendable {
  /// The bits of `epoll_event.events`.
  package let rawValue: UInt32

  /// Takes the bits of `epoll_event.events`.
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// There are bytes to read, a connection to accept, or the end of the stream.
  package static let readable = Readiness(rawValue: clinux_epollin)
  /// There is room to write.
  package static let writable = Readiness(rawValue: clinux_epollout)
  /// The peer will send no more (`EPOLLRDHUP`).
  package static let peerClosed = Readiness(rawValue: clinux_epollrdhup)
  /// Both directions have ended (`EPOLLHUP`).
  package static let hungUp = Readiness(rawValue: clinux_epollhup)
  /// An error is pending on the descriptor (`EPOLLERR`).
  package static let failed = Readiness(rawValue: clinux_epollerr)
  /// As an interest: report only changes (`EPOLLET`).
  package static let edgeTriggered = Readiness(rawValue: clinux_epollet)
}

/// Handles the readiness of descriptors. One handler may serve many descriptors, distinguished by token.
package protocol ReadinessHandler: AnyObject {
  /// A registered descriptor became ready. The handler acts within the turn and never blocks.
  func descriptorReady(_ readiness: Readiness, token: Int)
}

/// Handles the end of a turn, once, after everything that arrived in it.
package protocol TurnEndHandler: AnyObject {
  /// The turn is over in which the handler asked for this call.
  func turnEnded()
}

/// An epoll loop on one thread: descriptors, timers, and a flush at the end of each turn.
///
/// A turn waits, calls the handler of every ready descriptor, fires the timers that are due, and then calls the
/// turn-end handlers. Handlers only take in what arrived; they send at the end of the turn, in one write. Nothing
/// here is thread-safe: the state is confined to the loop's thread, and other threads reach it through a ``Mailbox``.
package final class EventLoop {
  /// Identifies a registered descriptor. The generation distinguishes successive uses of an index, so that an already
  /// fetched event never reaches the wrong handler.
  package struct Registration: Equatable, Sendable {
    let index: UInt32
    let generation: UInt32
    var token: UInt64 { UInt64(generation) << 32 | UInt64(index) }
  }

  private struct Entry {
    var handler: (any ReadinessHandler)?
    var token: Int
    var generation: UInt32
  }

  private static let readyCapacity = 256

  private let epoll: FileDescriptor
  private var entries: [Entry] = []
  private var freeIndices: [UInt32] = []
  private var timers = TimerQueue()
  private var turnEndHandlers: [any TurnEndHandler] = []
  private var ready = [clinux_ready](repeating: clinux_ready(), count: readyCapacity)
  private var isStopped = false
  private var longestTurn = Duration.zero

  /// The durations of all turns: how long a ready descriptor may have had to wait.
  package private(set) var turns = DurationHistogram()

  /// When the present turn began: the same for everything that happens in it.
  package private(set) var now: Instant

  /// - Throws: ``SystemError`` if the process has no descriptor left.
  package init() throws(SystemError) {
    epoll = FileDescriptor(owning: try checked("epoll_create1") { clinux_epoll_create() })
    now = MonotonicClock.now()
  }

  // MARK: Descriptors

  /// Registers a descriptor. The caller owns it, and must deregister it before closing it.
  package func register(
    _ descriptor: Int32, for interest: Readiness, handler: any ReadinessHandler, token: Int = 0
  ) throws(SystemError) -> Registration {
    let index: UInt32
    if let free = freeIndices.popLast() {
      index = free
    } else {
      index = UInt32(entries.count)
      entries.append(Entry(handler: nil, token: 0, generation: 0))
    }
    let registration = Registration(index: index, generation: entries[Int(index)].generation)
    do {
      _ = try checked("epoll_ctl") {
        clinux_epoll_add(epoll.number, descriptor, interest.rawValue, registration.token)
      }
    } catch {
      freeIndices.append(index)
      throw error
    }
    entries[Int(index)].handler = handler
    entries[Int(index)].token = token
    return registration
  }

  /// Changes the events that are reported for a registered descriptor.
  package func modify(_ registration: Registration, of descriptor: Int32, for interest: Readiness) {
    precondition(isCurrent(registration), "a registration used after it ended")
    let result = clinux_epoll_modify(epoll.number, descriptor, interest.rawValue, registration.token)
    precondition(result == 0, "epoll_ctl refused to modify a registered descriptor")
  }

  /// Ends a registration: its handler is not called any more, not even for events already fetched.
  package func deregister(_ registration: Registration, of descriptor: Int32) {
    precondition(isCurrent(registration), "a registration ended twice")
    _ = clinux_epoll_remove(epoll.number, descriptor)
    let index = Int(registration.index)
    entries[index].handler = nil
    entries[index].generation &+= 1
    freeIndices.append(registration.index)
  }

  private func isCurrent(_ registration: Registration) -> Bool {
    let entry = entries[Int(registration.index)]
    return entry.generation == registration.generation && entry.handler != nil
  }

  // MARK: Timers and turns

  /// Calls the action once, in the first turn at or after a moment. A timer set by a timer's action waits for the
  /// next turn, even if it is due.
  @discardableResult
  package func schedule(at deadline: Instant, _ action: @escaping () -> Void) -> TimerID {
    // A deadline in the past counts as now, after all timers that are due already, so that it does not overtake them.
    timers.add(at: max(deadline, now), action)
  }

  /// Cancels a timer; has no effect once it has fired.
  package func cancel(_ timer: TimerID) {
    timers.cancel(timer)
  }

  /// Calls the handler once at the end of the present turn, or of the first one if none has begun. A handler
  /// registered at the turn's end is called within that same end.
  package func callAtTurnEnd(_ handler: any TurnEndHandler) {
    turnEndHandlers.append(handler)
  }

  /// The longest turn since the last call: how long a ready descriptor may have had to wait.
  package func takeLongestTurn() -> Duration {
    defer { longestTurn = .zero }
    return longestTurn
  }

  /// Runs turns until ``stop()``.
  package func run() {
    while !isStopped { turn() }
  }

  /// Ends ``run()`` after the present turn.
  package func stop() {
    isStopped = true
  }

  /// One turn of ``run()``; tests call it directly.
  func turn() {
    let found = wait()
    let start = MonotonicClock.now()
    now = start
    for index in 0..<found {
      let token = ready[index].token
      let entry = entries[Int(truncatingIfNeeded: token & 0xffff_ffff)]
      guard UInt64(entry.generation) == token >> 32, let handler = entry.handler else { continue }
      handler.descriptorReady(Readiness(rawValue: ready[index].flags), token: entry.token)
    }
    // Only up to the newest: a timer that is due again at once must not hold up the descriptors.
    let newest = timers.newest
    while let action = timers.popDue(at: now, addedUpTo: newest) { action() }
    var next = 0
    while next < turnEndHandlers.count {
      turnEndHandlers[next].turnEnded()
      next += 1
    }
    turnEndHandlers.removeAll(keepingCapacity: true)
    let duration = start.duration(to: MonotonicClock.now())
    longestTurn = max(longestTurn, duration)
    turns.record(duration)
  }

  private func wait() -> Int {
    var timeout: Int32 = -1
    if !turnEndHandlers.isEmpty {
      // A handler registered before the first turn: there is work, whether or not any event arrives.
      timeout = 0
    } else if let deadline = timers.nextDeadline() {
      let rest = MonotonicClock.now().duration(to: deadline).wholeNanoseconds
      // Rounded up: a turn that began a moment too early would find nothing due and spin.
      timeout = rest <= 0 ? 0 : Int32(clamping: (rest + 999_999) / 1_000_000)
    }
    let found = unsafe ready.withUnsafeMutableBufferPointer { buffer in
      unsafe clinux_epoll_wait(epoll.number, buffer.baseAddress, Int32(buffer.count), timeout)
    }
    precondition(found >= 0 || errno == EINTR, "epoll_wait failed")
    return max(0, Int(found))
  }
}
