/// The client's half of a TLS handshake; see ``SimulatedTLS``.
struct ClientHandshake {
  /// What becomes of the client.
  enum Fate: CaseIterable {
    case completes
    /// It sends nothing more.
    case stalls
    /// It is gone, and nobody tells the edge.
    case vanishes
    /// It refuses the edge.
    case fails
  }

  /// What the client does next.
  enum Action {
    /// Send this, and await an answer.
    case send(UInt8)
    /// Send this, and what follows the handshake.
    case complete(UInt8)
    case stall
    case vanish
    case fail
  }

  let fate: Fate
  private var flightsLeft: UInt8
  /// How many flights it sends before its fate.
  private var flightsUntilFate: UInt8

  init(_ fate: Fate, in world: World) {
    self.fate = fate
    flightsLeft = world.pick([1, 2, 2, 2, 3, 4]) ?? 2
    flightsUntilFate = fate == .completes ? .max : UInt8.random(in: 0..<flightsLeft, using: &world.random)
  }

  /// A share of the clients does not complete its handshake.
  static func fate(in world: World) -> Fate {
    world.chance(85) ? .completes : world.pick(Fate.allCases) ?? .completes
  }

  mutating func next() -> Action {
    guard flightsUntilFate > 0 else {
      switch fate {
      case .completes: preconditionFailure("it is never due")
      case .stalls: return .stall
      case .vanishes: return .vanish
      case .fails: return .fail
      }
    }
    flightsUntilFate -= 1
    let flight = flightsLeft
    guard flight > 1 else { return .complete(flight) }
    flightsLeft -= 1
    return .send(flight)
  }
}
