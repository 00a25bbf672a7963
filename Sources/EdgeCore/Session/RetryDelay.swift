/// How long clients wait before they reconnect.
///
/// Each client gets its own delay, uniformly between half of the base and one and a half times the base. The mean is
/// the base, and the clients of a lost edge return over a time as long as the base, not in one wave. A narrower
/// spread would sharpen the wave; a wider one would make some clients wait long for no gain.
package struct RetryDelay: Equatable, Sendable {
  /// The base in milliseconds. At 1,000 the shortest delay is 500, the least that Firefox respects.
  package static let allowedMilliseconds = 1_000...600_000

  /// The default for streams. Its base, 3,000 ms, is also Chromium's default.
  package static let standard = RetryDelay(base: 3_000)

  /// The mean delay in milliseconds.
  let base: UInt64

  private init(base: UInt64) { self.base = base }

  /// Checks a configured base; nil if it is outside ``allowedMilliseconds``.
  package init?(milliseconds: Int) {
    guard Self.allowedMilliseconds.contains(milliseconds) else { return nil }
    base = UInt64(milliseconds)
  }

  /// The delay for one client, in milliseconds.
  package func next(using random: inout some RandomNumberGenerator) -> UInt64 {
    UInt64.random(in: base / 2...base + base / 2, using: &random)
  }
}
