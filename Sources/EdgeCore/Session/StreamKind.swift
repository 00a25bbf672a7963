public import Wire

/// How often an `eps` client wants events, at the most. Those of one rate share their events.
public struct UpdateRate: Hashable, Sendable {
  /// What a client may ask for, in events a second.
  public static let allowedHertz = 1...60
  /// As often as the hub flushes: what a client gets that does not ask.
  public static let full = UpdateRate(unchecked: 60)

  /// Often enough for the edge's own probe.
  static let probe = UpdateRate(unchecked: 10)

  /// Events a second.
  public let hertz: Int

  private init(unchecked hertz: Int) { self.hertz = hertz }

  /// A rate; nil if it is not allowed. Above 58, the hub's ticks are what limits it.
  public init?(hertz: Int) {
    guard Self.allowedHertz.contains(hertz) else { return nil }
    self = hertz >= 59 ? .full : UpdateRate(unchecked: hertz)
  }

  /// The time from one event to the next, at the least; zero for the full rate.
  var interval: Duration { self == .full ? .zero : .nanoseconds(1_000_000_000 / Int64(hertz)) }
}

/// What a client listens to.
public enum StreamKind: Hashable, Sendable {
  /// Every score id as it comes.
  case raw
  /// The same, each with its `id:`.
  case identifiedRaw
  /// The growth of the scores, so often at the most.
  case eps(UpdateRate)
  /// The same, each event with its `id:`.
  case identifiedEPS(UpdateRate)
  /// The tweets of one id.
  case details(TopicID)
  /// The tweets of all ids, where the operator offers it.
  case allDetails
  /// What happens at kiosks, where the operator offers it.
  case interaction
  /// What the edge's own probe listens to: identified `eps`, ten times a second, counted nowhere. See ``DeliveryLedger``.
  case probe

  /// The stream's name in the predecessors' words: `/raw`, `/eps`, `/details/1F4C2`, `/details`,
  /// `/kiosk_interaction`.
  public var namespace: String {
    switch self {
    case .raw, .identifiedRaw: "/raw"
    case .eps, .identifiedEPS: "/eps"
    case .details(let id): "/details/\(id)"
    case .allDetails: "/details"
    case .interaction: "/kiosk_interaction"
    case .probe: "/probe"
    }
  }

  /// How often events come at the most; nil for a stream that is not of summed growth.
  public var rate: UpdateRate? {
    switch self {
    case .eps(let rate), .identifiedEPS(let rate): rate
    case .probe: .probe
    case .raw, .identifiedRaw, .details, .allDetails, .interaction: nil
    }
  }

  /// Whether its events tell their place in the history of the totals (`id:lineage:position`), so that a client can
  /// go on from there.
  public var isIdentified: Bool {
    switch self {
    case .identifiedRaw, .identifiedEPS, .probe: true
    case .raw, .eps, .details, .allDetails, .interaction: false
    }
  }

  /// The same stream with an `id:` in its events; itself where there is no such form.
  public var identified: StreamKind {
    switch self {
    case .raw: .identifiedRaw
    case .eps(let rate): .identifiedEPS(rate)
    case .identifiedRaw, .identifiedEPS, .details, .allDetails, .interaction, .probe: self
    }
  }

  /// What the hub must send for the sake of the stream; nil for the totals, which it always sends.
  public var topic: Topic? {
    switch self {
    case .raw, .identifiedRaw: .raw
    case .eps, .identifiedEPS, .probe: nil
    case .details(let id): .details(id)
    case .allDetails: .allDetails
    case .interaction: .interaction
    }
  }

  /// Whether the link must know of its clients: for the sake of a topic, or of an `id:`.
  public var concernsLink: Bool { topic != nil || isIdentified }

  /// How a client that falls behind is brought back.
  var lagPolicy: LagPolicy { rate == nil ? .skip : .sum }

  /// How long after one event the next may come, at the earliest.
  public var interval: Duration { rate?.interval ?? .zero }
}
