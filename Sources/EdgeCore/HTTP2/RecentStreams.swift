/// The streams that ended last. Their numbers are never used again, but frames may still be on their way to them.
struct RecentStreams: Sendable {
  private static let countMaximum = 16

  private var entries: [(id: UInt32, isReset: Bool)] = []
  private var next = 0

  /// A stream has ended.
  ///
  /// - Parameter isReset: whether we reset it, so that the client may not know it yet.
  mutating func append(_ id: UInt32, isReset: Bool) {
    if entries.count < Self.countMaximum {
      entries.append((id, isReset))
    } else {
      entries[next] = (id, isReset)
      next = (next + 1) % Self.countMaximum
    }
  }

  /// Whether a stream was among the last ones.
  func contains(_ id: UInt32) -> Bool { entries.contains { $0.id == id } }

  /// Whether we reset a stream a moment ago.
  func wasReset(_ id: UInt32) -> Bool { entries.contains { $0.id == id && $0.isReset } }
}
