import Primitives

/// What a peer may still demand of us without a gain for anybody: frames that are cheap to send and cost us work.
///
/// Each such frame costs units. Units come back with time, and with every event that the peer takes, so that a peer
/// that receives much may also say much (a window update for each event, a reset for each stream that it has read).
struct FloodBudget: Sendable {
  /// What frames cost, in units.
  enum Cost {
    /// A frame that is answered or applied without further work.
    case frame
    /// A window that grows, and may let one byte out.
    case window
    /// A request, or another block of header fields: a thousand at once, as a connection of HTTP/1 may have in all.
    case request
    /// A stream that ends before its answer does, whichever side ended it; and a change of settings, which concerns all
    /// streams.
    case reset

    var units: Int32 {
      switch self {
      case .frame: 1
      case .window, .request: 2
      case .reset: 8
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

  private(set) var units = maximum
  private var refilledAt: Instant

  init(now: Instant) { refilledAt = now }

  /// Takes the cost of a frame; false if there is nothing left to take it from.
  mutating func spend(_ cost: Cost, now: Instant) -> Bool {
    refill(now: now)
    units -= cost.units
    return units >= 0
  }

  /// The peer took an event.
  mutating func gained() { units = min(Self.maximum, units + Self.gain) }

  private mutating func refill(now: Instant) {
    let earned = refilledAt.duration(to: now).wholeNanoseconds * Self.unitsPerSecond / 1_000_000_000
    guard earned > 0 else { return }
    units = Int32(min(Int64(Self.maximum), Int64(units) + earned))
    // What is less than a unit is not lost, however often frames arrive.
    refilledAt = refilledAt.advanced(by: .nanoseconds(earned * 1_000_000_000 / Self.unitsPerSecond))
  }
}
