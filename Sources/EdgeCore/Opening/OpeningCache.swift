import Primitives

/// Answers that are still valid, and past totals that a hub sent recently: after the loss of an edge, its clients ask
/// for the same places within some seconds.
struct OpeningCache: Sendable {
  private static let bytesMaximum = 16 << 20
  private static let pastsMaximum = 8
  private static let pastAge = Duration.seconds(10)

  private struct Past: Sendable {
    let totals: [ScoreID: UInt64]
    let time: Instant
  }

  private var scoresPlace: ResumeToken?
  private var rawPlace: Position?
  private var answers: [OpeningResolver.OpeningRequest: [UInt8]] = [:]
  private var snapshot: [UInt8]?
  private var byteCount = 0
  private var pasts: [ResumeToken: Past] = [:]

  /// Discards the answers, unless they are valid at these very places.
  mutating func standAt(_ scoresPlace: ResumeToken?, _ rawPlace: Position?) {
    guard scoresPlace != self.scoresPlace || rawPlace != self.rawPlace else { return }
    forgetAnswers()
    self.scoresPlace = scoresPlace
    self.rawPlace = rawPlace
  }

  private mutating func forgetAnswers() {
    answers = [:]
    snapshot = nil
    byteCount = 0
  }

  /// The valid answer to a request; nil if there is none.
  func bytes(for request: OpeningResolver.OpeningRequest) -> [UInt8]? { answers[request] }

  mutating func keep(_ bytes: [UInt8], for request: OpeningResolver.OpeningRequest) {
    guard byteCount < Self.bytesMaximum else { return }
    answers[request] = bytes
    byteCount += bytes.count
  }

  /// The opening with all totals, rendered once per place.
  mutating func snapshot(_ render: () -> [UInt8]) -> [UInt8] {
    if let snapshot { return snapshot }
    let bytes = render()
    snapshot = bytes
    return bytes
  }

  /// The totals at a place of the past, if a hub sent them recently.
  func totals(at place: ResumeToken) -> [ScoreID: UInt64]? { pasts[place]?.totals }

  mutating func keep(_ totals: [ScoreID: UInt64], at place: ResumeToken, now: Instant) {
    if pasts.count >= Self.pastsMaximum, let oldest = pasts.min(by: { $0.value.time < $1.value.time }) {
      pasts[oldest.key] = nil
    }
    pasts[place] = Past(totals: totals, time: now)
  }

  /// Forgets totals that were not asked for recently.
  mutating func age(at now: Instant) {
    pasts = pasts.filter { $0.value.time.advanced(by: Self.pastAge) > now }
    forgetAnswers()
  }
}
