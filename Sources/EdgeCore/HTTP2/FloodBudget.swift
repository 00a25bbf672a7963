import Primitives

/// What a peer may still demand of us without a gain for anybody: frames that are cheap to send and cost us work.
///
/// Each such frame costs units. Units come back with time, and with every event that the peer takes, so that a peer
/// that receives much may also say much, such as a window update for each event.
///
/// Resets, and what concerns all streams at once, have a purse of their own besides, which only time refills: they cost
/// the same however many events came meanwhile. And a window update is cheap only if something justifies it, an event that was
/// taken or a request: a client that opens its windows in steps of a byte makes us look at its streams for each of them.
struct FloodBudget: Sendable {
  /// What frames cost, in units.
  enum Cost {
    /// A frame that is answered or applied without further work.
    case frame
    /// A window that grows, and may let one byte out.
    case window
    /// A window that grows although nothing was sent that would explain it.
    case idleWindow
    /// A request, or another block of header fields: a thousand at once, as a connection of HTTP/1 may have in all.
    case request
    /// A stream that ends before its answer does, whichever side ended it; and a change of settings.
    case reset
    /// A frame that makes us look at all streams, this many.
    case walk(Int)

    var units: Int32 {
      switch self {
      case .frame: 1
      case .window, .request: 2
      case .reset: 8
      case .idleWindow: 16
      case .walk(let count): Int32(clamping: count)
      }
    }
  }

  /// The units of a new connection, and the most that it can have: a page with a hundred streams may be reloaded twice
  /// at once.
  static let maximum: Int32 = 2_048
  /// The units that come back in a second.
  static let unitsPerSecond: Int64 = 160
  /// The units that an event brings, which the peer took.
  static let gain: Int32 = 4
  /// The window updates that an event or a request justifies: one of the stream, and one of the connection.
  static let windowsForEach: Int32 = 2
  /// The window updates that are justified in advance, and the most that can be: those of a hundred new streams, and
  /// more.
  static let windowsMaximum: Int32 = 256

  private(set) var units = maximum
  private var unitsForResets = maximum
  private var justifiedWindows = windowsMaximum
  private var refilledAt: Instant

  init(now: Instant) { refilledAt = now }

  /// Takes the cost of a frame; false if there is nothing left to take it from.
  mutating func spend(_ cost: Cost, now: Instant) -> Bool {
    refill(now: now)
    units -= cost.units
    switch cost {
    case .reset, .walk: unitsForResets -= cost.units
    case .request: justifyWindows()
    case .frame, .window, .idleWindow: break
    }
    return units >= 0 && unitsForResets >= 0
  }

  /// Takes the cost of a window that grows; false if there is nothing left to take it from.
  mutating func spendWindow(now: Instant) -> Bool {
    guard justifiedWindows > 0 else { return spend(.idleWindow, now: now) }
    justifiedWindows -= 1
    return spend(.window, now: now)
  }

  /// Gives the costs of frames back that the peer could not know to be in vain. To be called before the last of them is
  /// taken.
  mutating func giveBack(_ costs: [Cost]) {
    for cost in costs {
      units += cost.units
      if case .reset = cost { unitsForResets += cost.units }
    }
  }

  /// The peer took an event.
  mutating func gained() {
    units = min(Self.maximum, units + Self.gain)
    justifyWindows()
  }

  private mutating func justifyWindows() {
    justifiedWindows = min(Self.windowsMaximum, justifiedWindows + Self.windowsForEach)
  }

  private mutating func refill(now: Instant) {
    let earned = refilledAt.duration(to: now).wholeNanoseconds * Self.unitsPerSecond / 1_000_000_000
    guard earned > 0 else { return }
    units = Self.refilled(units, earned)
    unitsForResets = Self.refilled(unitsForResets, earned)
    // What is less than a unit is not lost, however often frames arrive.
    refilledAt = refilledAt.advanced(by: .nanoseconds(earned * 1_000_000_000 / Self.unitsPerSecond))
  }

  private static func refilled(_ units: Int32, _ earned: Int64) -> Int32 {
    Int32(min(Int64(maximum), Int64(units) + earned))
  }
}
