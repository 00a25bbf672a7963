import Primitives
import Wire

extension OpeningResolver {
  /// The answer to a request, as far as it is known.
  enum Judgement {
    case answered([UInt8])
    /// It may be known soon.
    case awaited
    /// A hub may know.
    case unknown(Query.Question)
  }

  mutating func judge(
    _ request: OpeningRequest, _ entry: Waiting, _ growth: [Position: KnownPlace], _ renderer: UpdateRenderer,
    _ now: Instant
  ) -> Judgement {
    let isDenied = entry.isDenied || entry.hasWaited(Self.openingLimit, at: now)
    if case .tweets(let topic, _) = request {
      if isDenied { return .answered([]) }
      return ask(.tweets(topic, count: Tweets.maximumCount), isAhead: false, entry, now)
    }
    guard let told = renderer.mirror.told else { return .awaited }
    if let bytes = cache.bytes(for: request) { return .answered(bytes) }
    let judgement =
      switch request {
      case .scores(let point, let hasSnapshot):
        judgeScores(point, hasSnapshot, told, entry, isDenied: isDenied, growth, renderer.mirror, now)
      case .raw(let point):
        judgeRaw(point, told, entry, isDenied: isDenied, renderer.identified.history, now)
      case .tweets: Judgement.awaited
      }
    if case .answered(let bytes) = judgement { cache.keep(bytes, for: request) }
    return judgement
  }

  private mutating func judgeScores(
    _ point: ResumePoint, _ hasSnapshot: Bool, _ told: ResumeToken, _ entry: Waiting, isDenied: Bool,
    _ growth: [Position: KnownPlace], _ mirror: ScoreMirror, _ now: Instant
  ) -> Judgement {
    switch point {
    case .token(let token) where !isDenied:
      guard let grown = grown(since: token, growth, mirror) else {
        return ask(.past(token), isAhead: token.isAhead(of: told), entry, now)
      }
      return .answered(
        grown.isEmpty ? OpeningText.position(told) : UpdateRenderer.renderSum(grown, id: .init(told)))
    case .token, .unreadable:
      guard hasSnapshot else { return .answered(OpeningText.reset(.unknownPosition, at: told)) }
      return .answered(OpeningText.reset(.unknownPosition) + start(hasSnapshot, mirror, told))
    case .beginning: return .answered(start(hasSnapshot, mirror, told))
    }
  }

  private func judgeRaw(
    _ point: ResumePoint, _ told: ResumeToken, _ entry: Waiting, isDenied: Bool, _ history: RawHistory,
    _ now: Instant
  ) -> Judgement {
    let place = history.place(in: told.lineage) ?? told
    switch point {
    case .token(let token) where !isDenied:
      guard token.lineage == told.lineage, history.covers(token) else {
        let isAhead = token.isAhead(of: told) || (history.end != nil && token.isAhead(of: place))
        return ask(.order(token), isAhead: isAhead, entry, now)
      }
      let bytes = UpdateRenderer.render(history.events(after: token.position), in: told.lineage)
      return .answered(bytes.isEmpty ? OpeningText.position(place) : bytes)
    case .token, .unreadable:
      return .answered(OpeningText.reset(.unknownPosition, at: place))
    case .beginning:
      // The stream begins where ids are known without a gap. For the first client a hub must tell where that is.
      if history.end == nil && !isDenied { return ask(.order(told), isAhead: false, entry, now) }
      return .answered(OpeningText.position(place))
    }
  }

  private func ask(
    _ question: Query.Question, isAhead: Bool, _ entry: Waiting, _ now: Instant
  ) -> Judgement {
    if isAhead && !entry.hasWaited(Self.reachLimit, at: now) { return .awaited }
    guard entry.askAt <= now, questions.hasRoom(for: question) else { return .awaited }
    return .unknown(question)
  }

  private func grown(
    since token: ResumeToken, _ growth: [Position: KnownPlace], _ mirror: ScoreMirror
  ) -> [ScoreGrowth]? {
    guard let told = mirror.told, token.lineage == told.lineage, token.position <= told.position else {
      return nil
    }
    if let known = growth[token.position] {
      let place = ResumeToken(lineage: token.lineage, position: token.position, check: known.check)
      if place.agrees(with: token) { return known.growth }
    }
    return cache.totals(at: token).map(mirror.growth(since:))
  }

  private mutating func start(_ hasSnapshot: Bool, _ mirror: ScoreMirror, _ told: ResumeToken) -> [UInt8] {
    guard hasSnapshot else { return OpeningText.position(told) }
    return cache.snapshot { OpeningText.snapshot(mirror.toldTotals, at: told) }
  }
}

extension ResumeToken {
  /// Whether the place can belong to these totals, as far as it carries a check.
  func isThat(of totals: [ScoreID: UInt64]) -> Bool {
    guard let check, totals.values.reduce(0, { $0 &+ $1 }) == position else { return true }
    var checksum = Checksum()
    for (id, total) in totals { checksum.add(total, of: id.weight) }
    return checksum.check == check
  }

  /// Whether it is a later place of the same lineage.
  fileprivate func isAhead(of other: ResumeToken) -> Bool {
    lineage == other.lineage && position > other.position
  }
}
