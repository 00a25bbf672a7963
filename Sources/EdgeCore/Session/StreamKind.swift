import Wire

/// The most `eps` events a second that a client wants. Clients with the same rate share their events.
package struct UpdateRate: Hashable, Sendable {
  /// The rates that a client may ask for, in events a second.
  package static let allowedHertz = 1...60
  /// The default: as often as the hub flushes.
  package static let full = UpdateRate(unchecked: 60)

  /// The rate of the edge's own probe.
  static let probe = UpdateRate(unchecked: 10)

  /// Events a second.
  package let hertz: Int

  private init(unchecked hertz: Int) { self.hertz = hertz }

  /// Checks a rate; nil if it is not allowed. Above 58, the hub's ticks are the limit.
  package init?(hertz: Int) {
    guard Self.allowedHertz.contains(hertz) else { return nil }
    self = hertz >= 59 ? .full : UpdateRate(unchecked: hertz)
  }

  /// The least time between two events; zero for the full rate.
  var interval: Duration { self == .full ? .zero : .nanoseconds(1_000_000_000 / Int64(hertz)) }
}

/// A kind of stream.
package enum StreamKind: Hashable, Sendable {
  /// Every increment's score id, in order.
  case raw
  /// The same, each with its `id:`.
  case identifiedRaw
  /// The growth of the scores, at most at this rate.
  case eps(UpdateRate)
  /// The same, each event with its `id:`.
  case identifiedEPS(UpdateRate)
  /// The tweets of one id.
  case details(TopicID)
  /// The tweets of all ids, if the operator offers it.
  case allDetails
  /// The interactions at kiosks, if the operator offers it.
  case interaction
  /// The stream of the edge's own probe: identified `eps`, ten times a second, and not counted. See
  /// ``DeliveryAudit``.
  case probe

  /// The stream's name in the predecessors' format: `/raw`, `/eps`, `/details/1F4C2`, `/details`,
  /// `/kiosk_interaction`.
  package var namespace: String {
    switch self {
    case .raw, .identifiedRaw: "/raw"
    case .eps, .identifiedEPS: "/eps"
    case .details(let id): "/details/\(id)"
    case .allDetails: "/details"
    case .interaction: "/kiosk_interaction"
    case .probe: "/probe"
    }
  }

  /// The greatest rate of events; nil for a stream without summed growth.
  package var rate: UpdateRate? {
    switch self {
    case .eps(let rate), .identifiedEPS(let rate): rate
    case .probe: .probe
    case .raw, .identifiedRaw, .details, .allDetails, .interaction: nil
    }
  }

  /// Whether the stream's events carry their place in the history of the totals (`id:lineage:position:check`), so
  /// that a client can resume from there.
  package var isIdentified: Bool {
    switch self {
    case .identifiedRaw, .identifiedEPS, .probe: true
    case .raw, .eps, .details, .allDetails, .interaction: false
    }
  }

  /// The same stream with an `id:` in its events; the stream itself if it has no such form.
  package var identified: StreamKind {
    switch self {
    case .raw: .identifiedRaw
    case .eps(let rate): .identifiedEPS(rate)
    case .identifiedRaw, .identifiedEPS, .details, .allDetails, .interaction, .probe: self
    }
  }

  /// The topic that the hub must send for the stream; nil if the totals suffice, which it always sends.
  package var topic: Topic? {
    switch self {
    case .raw, .identifiedRaw: .raw
    case .eps, .identifiedEPS, .probe: nil
    case .details(let id): .details(id)
    case .allDetails: .allDetails
    case .interaction: .interaction
    }
  }

  /// Whether the link must know of the stream's clients: because of a topic, or of an `id:`.
  package var concernsLink: Bool { topic != nil || isIdentified }

  /// How a client that fell behind catches up.
  var lagPolicy: LagPolicy { rate == nil ? .skip : .sum }

  /// The least time between two events.
  package var interval: Duration { rate?.interval ?? .zero }
}

extension StreamKind {
  /// How many bytes of a stream's entries are kept for clients that lag. Sums must reach back for as long as a client
  /// may lag; a raw event is worth little after a second or two.
  var bufferMaximum: Int {
    switch self {
    case .eps, .identifiedEPS, .probe: 64 << 20
    case .raw, .identifiedRaw, .allDetails: 1 << 20
    case .details, .interaction: 256 << 10
    }
  }
}
