public import Primitives

/// How a client wants its stream to begin and to look, beyond what everybody gets.
public struct StreamOptions: Hashable, Sendable {
  /// How many tweets a client may ask to begin with: as many as Redis keeps.
  public static let allowedBackfill = 1...10

  /// `resume=1`: events tell their place, and a client that comes back gets what it missed.
  public let isResumable: Bool
  /// `snapshot=1`: the first event holds all totals.
  public let hasSnapshot: Bool
  /// `backfill=N`: so many of the latest tweets come first; 0 for none.
  public let backfill: UInt8

  /// What a client gets that asks for nothing more.
  public static let none = StreamOptions()

  /// - Parameter backfill: 0, or in ``allowedBackfill``.
  public init(isResumable: Bool = false, hasSnapshot: Bool = false, backfill: UInt8 = 0) {
    precondition(backfill == 0 || Self.allowedBackfill.contains(Int(backfill)))
    self.isResumable = isResumable
    self.hasSnapshot = hasSnapshot
    self.backfill = backfill
  }
}

/// Where a client that resumes has been.
public enum ResumePoint: Hashable, Sendable {
  /// It begins.
  case beginning
  /// It has had everything up to there.
  case token(ResumeToken)
  /// It says where, in words that no edge ever told it.
  case unreadable

  /// Reads what a client sends back.
  init(_ text: some Collection<UInt8>) {
    self = text.isEmpty ? .beginning : ResumeToken(text).map { .token($0) } ?? .unreadable
  }
}

/// What a client asked for: a stream, and how it is to begin.
public struct Subscription: Hashable, Sendable {
  /// What it listens to.
  public let stream: StreamKind
  /// How that begins and looks.
  public let options: StreamOptions
  /// Where it has been.
  public let point: ResumePoint

  /// A subscription.
  public init(_ stream: StreamKind, options: StreamOptions = .none, from point: ResumePoint = .beginning) {
    self.stream = stream
    self.options = options
    self.point = point
  }

  /// Whether its first bytes depend on the state of the totals or of the hub, and not on the client's request alone.
  public var needsOpening: Bool { options != .none }
}

extension StreamOptions {
  /// The path that a client asks for, in its plain spelling. Where it had been is not in it.
  public func path(of stream: StreamKind) -> String {
    var items: [String] = []
    if let rate = stream.rate, rate != .full { items.append("hz=\(rate.hertz)") }
    if isResumable { items.append("resume=1") }
    if hasSnapshot { items.append("snapshot=1") }
    if backfill > 0 { items.append("backfill=\(backfill)") }
    return "/subscribe" + stream.namespace + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))
  }
}
