import PlantedFaults
import Primitives

/// The options of a stream: how it begins, and what its events carry.
package struct StreamOptions: Hashable, Sendable {
  /// How many tweets a client may ask for at the beginning: at most as many as Redis keeps.
  package static let allowedBackfill = 1...10

  /// `resume=1`: events carry their place, and a client that reconnects gets what it missed.
  package let isResumable: Bool
  /// `snapshot=1`: the first event holds all totals.
  package let hasSnapshot: Bool
  /// `backfill=N`: the number of latest tweets that come first; 0 for none.
  package let backfill: UInt8

  /// The default options.
  package static let none = StreamOptions()

  /// - Parameter backfill: 0, or in ``allowedBackfill``.
  package init(isResumable: Bool = false, hasSnapshot: Bool = false, backfill: UInt8 = 0) {
    precondition(backfill == 0 || Self.allowedBackfill.contains(Int(backfill)))
    self.isResumable = isResumable
    self.hasSnapshot = hasSnapshot
    self.backfill = backfill
  }
}

/// The place from which a client resumes.
package enum ResumePoint: Hashable, Sendable {
  /// The client names no place.
  case beginning
  /// The client has received everything up to this place.
  case token(ResumeToken)
  /// The client names a place that no edge ever sent.
  case unreadable

  /// Reads a place that a client sends back.
  init(_ text: some Collection<UInt8>) {
    guard let token = ResumeToken(text) else {
      self = text.isEmpty ? .beginning : .unreadable
      return
    }
    self = .token(
      planted(.resumedTooEarly)
        ? ResumeToken(lineage: token.lineage, position: token.position - min(1, token.position))
        : planted(.resumedTooLate)
          ? ResumeToken(lineage: token.lineage, position: token.position + 1)
          : planted(.placesUnchecked) ? token.unchecked : token)
  }
}

/// A client's request for a stream, with its options and its place.
package struct Subscription: Hashable, Sendable {
  /// The requested stream.
  package let stream: StreamKind
  /// The options of the stream.
  package let options: StreamOptions
  /// The place from which the client resumes.
  package let point: ResumePoint

  /// A subscription.
  package init(_ stream: StreamKind, options: StreamOptions = .none, from point: ResumePoint = .beginning) {
    self.stream = stream
    self.options = options
    self.point = point
  }

  /// Whether the first bytes depend on the totals or on a hub, and not on the request alone.
  package var needsOpening: Bool { options != .none }
}

extension StreamOptions {
  /// The request's path in its plain spelling, without the place.
  package func path(of stream: StreamKind) -> String {
    var items: [String] = []
    if let rate = stream.rate, rate != .full { items.append("hz=\(rate.hertz)") }
    if isResumable { items.append("resume=1") }
    if hasSnapshot { items.append("snapshot=1") }
    if backfill > 0 { items.append("backfill=\(backfill)") }
    return "/subscribe" + stream.namespace + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))
  }
}
