import HTTP
import Primitives
import Wire

/// A client that waits for the first bytes of its stream.
package struct OpeningClient: Hashable, Sendable {
  /// The worker that serves it.
  package let worker: Int
  /// The client's name there.
  package let id: ClientID
  /// The framing of its response body.
  package let framing: BodyFraming

  /// A client of a worker.
  package init(worker: Int, _ id: ClientID, framing: BodyFraming = .untilClose) {
    self.worker = worker
    self.id = id
    self.framing = framing
  }
}

/// Computes the first bytes for clients that resume, or ask for a snapshot or backfill: the missed events, all
/// totals, or the latest tweets.
///
/// The edge answers from its own memory, and asks a hub for the rest. Clients with the same request share one answer at
/// one place, and one question. A client whose request cannot be fulfilled is sent an `event:reset`, after 5 s at the
/// latest.
///
/// An edge that has had no hub since its start knows no totals, and cannot judge a client's place. So all clients
/// wait for the totals, and are then answered as if they had asked at that moment. A client that has waited for 5 s
/// is *admitted*: its response begins, so the client sees a working connection, and the stream itself begins
/// with the answer.
///
/// An answer is valid after the updates that were handed to the workers last, so it must be handed to them before any
/// further ones.
package struct OpeningResolver: Sendable {
  /// How long a client waits for a place that this edge has not reached: another edge may be ahead.
  package static let reachLimit = Duration.seconds(2)
  /// How long a client waits for its opening at most.
  package static let openingLimit = Duration.seconds(5)
  /// How often waiting clients are checked, if nothing else happens.
  static let lookInterval = Duration.milliseconds(100)
  /// When a hub that could not answer is asked again.
  static let askAgainDelay = Duration.milliseconds(200)
  /// How many different requests may wait.
  static let waitingMaximum = 16_384
  /// How many answers are rendered in a turn.
  static let answersPerTurn = 256
  /// How many questions may be open at a time: a quarter of a hub's limit.
  static let questionsMaximum = 64

  /// An action of the driver.
  package enum Action: Equatable, Sendable {
    /// Sends these bytes to the clients after the response head, and joins them to their streams.
    case open([OpeningClient], [UInt8])
    /// Sends the clients the response head; an ``open(_:_:)`` follows later.
    case admit([OpeningClient])
    /// Asks a hub; ``answered(_:for:now:)`` or ``unanswered(_:now:)`` reports the outcome.
    case ask(Query)
  }

  /// How a client wants its stream to begin.
  enum OpeningRequest: Hashable, Sendable {
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
    /// The clients that have received their response head.
    var admitted: [OpeningClient] = []
    var since: Instant
    /// The question whose answer is awaited.
    var question: Query.Question?
    /// When to ask again after a hub could not answer.
    var askAt = Instant.origin
    /// No hub knows the answer.
    var isDenied = false
    /// The answer is known, and waits until totals are no longer in doubt.
    var isWithheld = false

    var everybody: [OpeningClient] { admitted + clients }

    /// Whether to look at it now: a question has no answer yet, and a withheld answer waits for the end of the doubt, but
    /// no client waits beyond its limit.
    func isDue(at now: Instant, isHeld: Bool) -> Bool {
      question == nil && !(isWithheld && isHeld) || hasWaited(OpeningResolver.openingLimit, at: now)
    }

    func hasWaited(_ limit: Duration, at now: Instant) -> Bool { since.advanced(by: limit) <= now }

    /// Whether an answer waits while totals are in doubt. Tweets are not concerned, and no client waits beyond its limit.
    func isHeld(_ request: OpeningRequest, at now: Instant) -> Bool {
      if case .tweets = request { return false }
      return !hasWaited(OpeningResolver.openingLimit, at: now)
    }
  }

  var waiting: [OpeningRequest: Waiting] = [:]
  private var requests: [OpeningClient: OpeningRequest] = [:]
  private var patience = OpeningPatience()
  private var knowsTotals = false
  var questions = OpenQuestions()
  var cache = OpeningCache()

  /// When ``updatesMerged(into:now:)`` must be called at the latest; nil while no client waits for a certain time.
  package internal(set) var deadline: Instant?

  /// Whether no client waits and nothing is due. Otherwise ``updatesMerged(into:now:)`` must be called after every
  /// update.
  package var isIdle: Bool { waiting.isEmpty && deadline == nil }

  /// A resolver without waiting clients.
  package init() {}

  /// A client asks for a stream. ``updatesMerged(into:now:)`` answers it, at the end of this turn at the earliest.
  package mutating func requested(_ client: OpeningClient, _ subscription: Subscription, now: Instant) {
    guard let request = OpeningRequest(subscription) else { return }
    let new = Waiting(
      since: patience.start(of: request, now: now), isDenied: waiting.count >= Self.waitingMaximum)
    waiting[request, default: new].clients.append(client)
    requests[client] = request
    deadline = now
  }

  /// A client has left; it may still be waiting.
  package mutating func withdrawn(_ client: OpeningClient) {
    guard let request = requests.removeValue(forKey: client), var entry = waiting[request] else { return }
    entry.clients.removeAll { $0 == client }
    entry.admitted.removeAll { $0 == client }
    let isLast = entry.clients.isEmpty && entry.admitted.isEmpty
    waiting[request] = isLast ? nil : entry
    if isLast { patience.hungUp(request, waitingSince: entry.since) }
    if waiting.isEmpty { deadline = nil }
  }

  /// Takes out the clients that share an answered request.
  mutating func take(_ request: OpeningRequest) -> [OpeningClient] {
    let clients = waiting.removeValue(forKey: request)?.everybody ?? []
    for client in clients { requests[client] = nil }
    return clients
  }

  /// The workers have been handed everything new: answers the clients that can be answered.
  ///
  /// - Parameter heldUntil: until when clients are sent no totals, because these are in doubt. Questions to hubs
  ///   continue.
  package mutating func updatesMerged(
    into renderer: inout UpdateRenderer, now: Instant, heldUntil: Instant = .origin
  ) -> [Action] {
    renderer.watched.keep(only: questions.topics)
    guard !waiting.isEmpty else {
      deadline = nil
      return []
    }
    guard renderer.mirror.published != nil else { return awaitTotals(now) }
    if !knowsTotals { totalsCame(now) }
    var actions: [Action] = []
    let isHeld = heldUntil > now
    let requests = waiting.filter { $0.value.isDue(at: now, isHeld: isHeld) }.map(\.key)
    let due = requests.prefix(Self.answersPerTurn)
    let growth = renderer.mirror.growth(since: placesOf(due))
    cache.standAt(renderer.mirror.published, renderer.identified.history.end)
    for request in due {
      guard var entry = waiting[request] else { continue }
      switch judge(request, entry, growth, renderer, now) {
      case .answered where isHeld && entry.isHeld(request, at: now): waiting[request]?.isWithheld = true
      case .answered(let bytes):
        actions.append(.open(take(request), bytes))
        if case .raw = request { renderer.identified.rawBegan(at: renderer.mirror) }
      case .awaited: break
      case .unknown(let question):
        entry.question = question
        waiting[request] = entry
        if let query = questions.ask(question, rawAudience: renderer.identified.rawAudience) {
          if case .tweets(let topic, _) = question { renderer.watched.watch(topic) }
          actions.append(.ask(query))
        }
      }
    }
    renderer.identified.trimHistory()
    deadline =
      waiting.isEmpty ? nil : now.advanced(by: due.count < requests.count ? .zero : Self.lookInterval)
    return actions
  }

  private mutating func awaitTotals(_ now: Instant) -> [Action] {
    var actions: [Action] = []
    deadline = nil
    for (request, entry) in waiting where !entry.clients.isEmpty {
      let due = entry.since.advanced(by: Self.openingLimit)
      if due <= now {
        actions.append(.admit(entry.clients))
        waiting[request]?.admitted += entry.clients
        waiting[request]?.clients = []
      } else {
        deadline = deadline.map { min($0, due) } ?? due
      }
    }
    return actions
  }

  /// The waits of all clients count from now on.
  private mutating func totalsCame(_ now: Instant) {
    knowsTotals = true
    for request in waiting.keys { waiting[request]?.since = now }
  }

  /// The places whose growth is wanted, in any lineage.
  private func placesOf(_ requests: some Sequence<OpeningRequest>) -> Set<Position> {
    Set(requests.compactMap { if case .scores(.token(let token), _) = $0 { token.position } else { nil } })
  }

  /// Forgets totals that were not asked for recently. To be called about every second.
  package mutating func age(at now: Instant) { cache.age(at: now) }
}
