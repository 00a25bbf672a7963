public import HTTP
public import Primitives
public import Wire

/// A client that waits for the first bytes of its stream.
public struct OpeningClient: Hashable, Sendable {
  /// Whose client it is.
  public let worker: Int
  /// Which one.
  public let id: ClientID
  /// How its body is framed.
  public let framing: BodyFraming

  /// A client of a worker.
  public init(worker: Int, _ id: ClientID, framing: BodyFraming = .untilClose) {
    self.worker = worker
    self.id = id
    self.framing = framing
  }
}

/// Finds out with what the streams of those begin who want more than what happens from now on: what they missed, all totals,
/// or the latest tweets.
///
/// What the edge remembers it answers itself, and for the rest it asks a hub. All that want the same share one answer at one
/// place, and one question. Whom nobody can help is told so (`event:reset`), after 5 s at the latest.
///
/// An edge that has had no hub since its start knows no totals, and can not judge what a client names. So all wait for them,
/// and are then answered as if they had come at that moment. Who has waited for 5 s is *admitted*: the response begins, so that the
/// client sees that somebody is there, and the stream itself begins with the answer.
///
/// An answer is true behind the updates that were handed to the workers last, so it is to be handed to them
/// before any further ones.
public struct OpeningDesk: Sendable {
  /// For how long a place is awaited that this edge has not reached: another one may be ahead.
  public static let reachLimit = Duration.seconds(2)
  /// For how long a client waits at the most.
  public static let openingLimit = Duration.seconds(5)
  /// How often those who wait are looked after, if nothing else happens.
  static let lookInterval = Duration.milliseconds(100)
  /// After how long a hub that could not answer is asked again.
  static let askAgainDelay = Duration.milliseconds(200)
  /// How many different wishes may wait.
  static let waitingMaximum = 16_384
  /// How many answers are made in a turn.
  static let answersPerTurn = 256
  /// How many questions may be open at a time: a quarter of what a hub takes.
  static let questionsMaximum = 64

  /// What the driver does.
  public enum Action: Equatable, Sendable {
    /// The clients' streams begin with these bytes, behind the head.
    case open([OpeningClient], [UInt8])
    /// The clients get the head of their response; what follows it will be said by an ``open(_:_:)``.
    case admit([OpeningClient])
    /// Asks a hub, and reports what it said: ``answered(_:for:now:)``, or ``unanswered(_:now:)``.
    case ask(Query)
  }

  /// What a client wants to begin with.
  enum Wish: Hashable, Sendable {
    case scores(ResumePoint, hasSnapshot: Bool)
    case raw(ResumePoint)
    case tweets(TopicID, count: Int)

    init?(_ subscription: Subscription) {
      switch subscription.stream {
      case .eps, .identifiedEPS:
        self = .scores(subscription.point, hasSnapshot: subscription.options.hasSnapshot)
      case .raw, .identifiedRaw: self = .raw(subscription.point)
      case .details(let id): self = .tweets(id, count: Int(subscription.options.backfill))
      case .allDetails, .interaction, .probe: return nil
      }
    }
  }

  struct Waiting: Sendable {
    var clients: [OpeningClient] = []
    /// Those who have the head of their response.
    var admitted: [OpeningClient] = []
    var since: Instant
    /// The question whose answer is awaited.
    var question: Query.Question?
    /// A hub that could not answer is not asked before.
    var askAt = Instant.origin
    /// Nobody knows.
    var isDenied = false

    var everybody: [OpeningClient] { admitted + clients }

    func hasWaited(_ limit: Duration, at now: Instant) -> Bool { since.advanced(by: limit) <= now }
  }

  var waiting: [Wish: Waiting] = [:]
  private var wishes: [OpeningClient: Wish] = [:]
  private var patience = OpeningPatience()
  private var knowsTotals = false
  var questions = OpenQuestions()
  var cache = OpeningCache()

  /// When ``updatesMerged(into:now:)`` is to be called at the latest; nil while nobody waits for a certain time.
  public private(set) var deadline: Instant?

  /// Whether nobody waits, and nothing is due. Else ``updatesMerged(into:now:)`` is to be called whenever something has come.
  public var isIdle: Bool { waiting.isEmpty && deadline == nil }

  /// A desk at which nobody waits.
  public init() {}

  /// A client asks. It is answered by ``updatesMerged(into:now:)``, at the end of this turn at the soonest.
  public mutating func requested(_ client: OpeningClient, _ subscription: Subscription, now: Instant) {
    guard let wish = Wish(subscription) else { return }
    let start = patience.start(of: wish, now: now)
    var entry = waiting[wish] ?? Waiting(since: start, isDenied: waiting.count >= Self.waitingMaximum)
    entry.clients.append(client)
    waiting[wish] = entry
    wishes[client] = wish
    deadline = now
  }

  /// A client has left that may still wait.
  public mutating func withdrawn(_ client: OpeningClient) {
    guard let wish = wishes.removeValue(forKey: client), var entry = waiting[wish] else { return }
    entry.clients.removeAll { $0 == client }
    entry.admitted.removeAll { $0 == client }
    waiting[wish] = entry.everybody.isEmpty ? nil : entry
    if entry.everybody.isEmpty { patience.hungUp(wish, waitingSince: entry.since) }
    if waiting.isEmpty { deadline = nil }
  }

  /// Takes those out who share a wish that is answered.
  private mutating func take(_ wish: Wish) -> [OpeningClient] {
    let clients = waiting.removeValue(forKey: wish)?.everybody ?? []
    for client in clients { wishes[client] = nil }
    return clients
  }

  /// The workers have been handed all that was new: looks who can be answered.
  public mutating func updatesMerged(into renderer: inout UpdateRenderer, now: Instant) -> [Action] {
    renderer.watched.keep(only: questions.topics)
    guard !waiting.isEmpty else {
      deadline = nil
      return []
    }
    guard renderer.mirror.told != nil else { return awaitTotals(now) }
    if !knowsTotals { totalsCame(now) }
    var actions: [Action] = []
    let wishes = waiting.filter { $0.value.question == nil || $0.value.hasWaited(Self.openingLimit, at: now) }
      .map(\.key)
    let due = wishes.prefix(Self.answersPerTurn)
    let growth = renderer.mirror.growth(since: placesOf(due))
    cache.standAt(renderer.mirror.told, renderer.identified.history.end)
    for wish in due {
      guard var entry = waiting[wish] else { continue }
      switch judge(wish, entry, growth, renderer, now) {
      case .answered(let bytes):
        actions.append(.open(take(wish), bytes))
        if case .raw = wish { renderer.identified.rawBegan(at: renderer.mirror) }
      case .awaited: break
      case .unknown(let question):
        entry.question = question
        waiting[wish] = entry
        if let query = questions.ask(question, rawAudience: renderer.identified.rawAudience) {
          if case .tweets(let topic, _) = question { renderer.watched.watch(topic) }
          actions.append(.ask(query))
        }
      }
    }
    renderer.identified.trimHistory()
    deadline = waiting.isEmpty ? nil : now.advanced(by: due.count < wishes.count ? .zero : Self.lookInterval)
    return actions
  }

  private mutating func awaitTotals(_ now: Instant) -> [Action] {
    var actions: [Action] = []
    deadline = nil
    for (wish, entry) in waiting where !entry.clients.isEmpty {
      let due = entry.since.advanced(by: Self.openingLimit)
      if due <= now {
        actions.append(.admit(entry.clients))
        waiting[wish]?.admitted += entry.clients
        waiting[wish]?.clients = []
      } else {
        deadline = deadline.map { min($0, due) } ?? due
      }
    }
    return actions
  }

  /// Whoever waits has its time from now on.
  private mutating func totalsCame(_ now: Instant) {
    knowsTotals = true
    for wish in waiting.keys { waiting[wish]?.since = now }
  }

  /// The places whose growth is wanted, in the lineage of the totals or not.
  private func placesOf(_ wishes: some Sequence<Wish>) -> Set<Position> {
    Set(wishes.compactMap { if case .scores(.token(let token), _) = $0 { token.position } else { nil } })
  }

  /// Forgets what nobody has asked for of late. To be called every second or so.
  public mutating func age(at now: Instant) { cache.age(at: now) }

  // MARK: Answers

  /// A hub said something to a question: a ``Wire/PastTotals``, ``Wire/Order`` or ``Wire/Tweets``; other messages
  /// change nothing.
  ///
  /// All that came before it must have been handed to the workers if it is a ``Wire/Tweets``: it is true at its very
  /// place.
  public mutating func answered(
    _ message: Message, for renderer: inout UpdateRenderer, now: Instant
  ) -> [Action] {
    guard let (question, answer) = questions.answered(message) else { return [] }
    deadline = now
    switch answer {
    case .past(let token, let totals):
      guard token.isThat(of: totals) else {
        release(question) { $0.isDenied = true }
        return []
      }
      cache.keep(totals, at: token, now: now)
    case .order(let token, let events, let rawAudience):
      renderer.identified.learned(events, after: token, for: rawAudience, renderer.mirror)
    case .tweets(let topic, let list): return open(topic, renderer.watched.end(topic, list: list))
    case .unknown:
      if case .tweets(let topic, _) = question { return open(topic, renderer.watched.end(topic, list: [])) }
      release(question) { $0.isDenied = true }
      return []
    case .unavailable:
      release(question) { $0.askAt = now.advanced(by: Self.askAgainDelay) }
      return []
    }
    release(question) { _ in }
    return []
  }

  /// No hub could be asked, or the one that was is gone.
  public mutating func unanswered(_ id: UInt64, now: Instant) {
    guard let question = questions.withdraw(id) else { return }
    release(question) { $0.askAt = now.advanced(by: Self.askAgainDelay) }
  }

  /// The topic whose list was asked for by a query; nil if it was something else, or no query of this desk.
  public func topic(askedBy id: UInt64) -> TopicID? { questions.topic(askedBy: id) }

  private mutating func release(_ question: Query.Question, _ change: (inout Waiting) -> Void) {
    for (wish, entry) in waiting where entry.question == question {
      var entry = entry
      entry.question = nil
      change(&entry)
      waiting[wish] = entry
    }
  }

  private mutating func open(_ topic: TopicID, _ tweets: [[UInt8]]) -> [Action] {
    var actions: [Action] = []
    for wish in Array(waiting.keys) {
      guard case .tweets(topic, let count) = wish else { continue }
      actions.append(.open(take(wish), UpdateRenderer.render(tweets.suffix(count), of: topic)))
    }
    return actions
  }
}
