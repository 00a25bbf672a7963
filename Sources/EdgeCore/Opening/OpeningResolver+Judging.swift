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
    guard let published = renderer.mirror.published else { return .awaited }
    if let bytes = cache.bytes(for: request) { return .answered(bytes) }
    let judgement =
      switch request {
      case .scores(let point, let hasSnapshot):
        judgeScores(point, hasSnapshot, published, entry, isDenied: isDenied, growth, renderer.mirror, now)
      case .raw(let point):
        judgeRaw(point, published, entry, isDenied: isDenied, renderer.identified.history, now)
      case .tweets: Judgement.awaited
      }
    if case .answered(let bytes) = judgement { cache.keep(bytes, for: request) }
    return judgement
  }

  private mutating func judgeScores(
    _ point: ResumePoint, _ hasSnapshot: Bool, _ published: ResumeToken, _ entry: Waiting, isDenied: Bool,
    _ growth: [Position: KnownPlace], _ mirror: ScoreMirror, _ now: Instant
  ) -> Judgement {
    switch point {
    case .token(let token) where !isDenied:
      guard let grown = grown(since: token, growth, mirror) else {
        return ask(.past(token), isAhead: token.isAhead(of: published), entry, now)
      }
      return .answered(
        grown.isEmpty
          ? OpeningText.position(published) : UpdateRenderer.renderSum(grown, id: .init(published)))
    case .token, .unreadable:
      guard hasSnapshot else { return .answered(OpeningText.reset(.unknownPosition, at: published)) }
      return .answered(OpeningText.reset(.unknownPosition) + start(hasSnapshot, mirror, published))
    case .beginning: return .answered(start(hasSnapshot, mirror, published))
    }
  }

  private func judgeRaw(
    _ point: ResumePoint, _ published: ResumeToken, _ entry: Waiting, isDenied: Bool, _ history: RawHistory,
    _ now: Instant
  ) -> Judgement {
    let place = history.place(in: published.lineage) ?? published
    switch point {
    case .token(let token) where !isDenied:
      guard token.lineage == published.lineage, history.covers(token) else {
        let isAhead = token.isAhead(of: published) || (history.end != nil && token.isAhead(of: place))
        return ask(.order(token), isAhead: isAhead, entry, now)
      }
      let bytes = UpdateRenderer.render(history.events(after: token.position), in: published.lineage)
      return .answered(bytes.isEmpty ? OpeningText.position(place) : bytes)
    case .token, .unreadable:
      return .answered(OpeningText.reset(.unknownPosition, at: place))
    case .beginning:
      // The stream begins where ids are known without a gap. For the first client a hub must tell where that is.
      if history.end == nil && !isDenied { return ask(.order(published), isAhead: false, entry, now) }
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
    guard let published = mirror.published, token.lineage == published.lineage,
      token.position <= published.position
    else {
      return nil
    }
    if let known = growth[token.position] {
      let place = ResumeToken(lineage: token.lineage, position: token.position, check: known.check)
      if place.agrees(with: token) { return known.growth }
    }
    return cache.totals(at: token).map(mirror.growth(since:))
  }

  private mutating func start(_ hasSnapshot: Bool, _ mirror: ScoreMirror, _ published: ResumeToken) -> [UInt8]
  {
    guard hasSnapshot else { return OpeningText.position(published) }
    return cache.snapshot { OpeningText.snapshot(mirror.publishedTotals, at: published) }
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
