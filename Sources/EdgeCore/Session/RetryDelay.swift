/// How long clients are told to wait before they come back.
///
/// Each is told its own delay, evenly between half of the base and one and a half times the base: the mean is the
/// base, and the clients of an edge that vanishes return spread over a time as long as the base, not in one wave. A
/// narrower spread would sharpen the wave; a wider one would let the unlucky wait long for no gain.
public struct RetryDelay: Equatable, Sendable {
  /// What a base may be, in milliseconds. At 1,000 the shortest delay is 500, below which Firefox does not go.
  public static let allowedMilliseconds = 1_000...600_000

  /// The default of streams: base 3,000 ms, which is what Chromium takes where nothing is said.
  public static let standard = RetryDelay(base: 3_000)

  /// The mean, in milliseconds.
  let base: UInt64

  private init(base: UInt64) { self.base = base }

  /// Checks a configured base; nil if it is outside ``allowedMilliseconds``.
  public init?(milliseconds: Int) {
    guard Self.allowedMilliseconds.contains(milliseconds) else { return nil }
    base = UInt64(milliseconds)
  }

  /// The delay for one client, in milliseconds.
  public func next(using random: inout some RandomNumberGenerator) -> UInt64 {
    UInt64.random(in: base / 2...base + base / 2, using: &random)
  }
}
