import Primitives

/// What a ``FeedMachine`` knows from one attempt to connect until the feed is interrupted. All of it ends with the
/// session.
struct FeedSession {
  /// The progress of a session.
  enum Stage: Equatable {
    /// Without a deadline until one connection is established: looking up a name and connecting have limits of their
    /// own, in the driver, and their failure is reported as a closed connection.
    case preparing(until: Instant?)
    /// Both connections are subscribed and logged in, and the first totals have been requested.
    case fencing
    /// Messages arrive, and the state of the totals is known.
    case live
  }

  /// The request that a reply answers.
  enum Request: Equatable {
    case login(String)
    case nameClient
    case role
    case subscribe(FeedSubscription)
    /// A command of a fence.
    case fence(String)
    case probe
    case ping
    /// A command that reads lists of tweets.
    case tweets(String)
    case nodeStatus(String)
    /// The `DISCARD` of a transaction that Redis did not end.
    case discard
    /// The check whether a transaction could be ended.
    case transaction
    /// The check whether Redis runs scripts for the hub.
    case script
  }

  /// One of the two connections, with its requests that are not answered yet.
  struct Link {
    var isEstablished = false
    var requests = RingBuffer<Request>()
    var isReady: Bool { isEstablished && requests.isEmpty }
  }

  var stage = Stage.preparing(until: nil)
  var subscription = Link()
  var command = Link()
  /// Whether the subscription may have received messages.
  var mayHaveBrought = false
  /// When the subscription last received anything.
  var lastHeard = Instant.origin
  var probeDeadline: Instant?

  var fence: Fence
  var fenceDeadline: Instant?
  var nextFence: Instant?
  /// Whether another fence must begin when this one has ended.
  var isFenceWanted = false
  /// When the last fence began.
  var fenceBegunAt = Instant.origin
  /// The lineage whose totals went backwards, until it is renamed.
  var lineageToLeave: Lineage?
  var transaction = TransactionWatch()

  var tweets: TweetLists
  var tweetsNonce = ""
  var tweetsDeadline: Instant?

  /// Features that Redis refused, which are not used until the next retry.
  var deferred: Set<FeedFeature> = []
  /// When refused features were last retried.
  var lastRetry = Instant.origin

  /// A new attempt without connections.
  init(names: FeedNames) {
    fence = Fence(names: names)
    tweets = TweetLists(names: names)
  }

  /// Whether both connections have received all their replies.
  var isReady: Bool { subscription.isReady && command.isReady }

  subscript(connection: FeedConnection) -> Link {
    get { connection == .subscription ? subscription : command }
    set { if connection == .subscription { subscription = newValue } else { command = newValue } }
  }

  /// The subscription received something: the flow works, and a probe is no longer needed.
  mutating func heard(now: Instant) {
    lastHeard = now
    probeDeadline = nil
  }

  /// A fence has ended, and the next one is due at this time.
  mutating func fenceEnded(next: Instant) {
    fenceDeadline = nil
    nextFence = next
  }

  /// A connection is established, and its first commands were sent.
  ///
  /// - Parameter requests: the kinds of the replies to those commands.
  mutating func established(
    _ connection: FeedConnection, awaiting requests: [Request], until: Instant, now: Instant
  ) {
    self[connection].isEstablished = true
    for request in requests { self[connection].requests.append(request) }
    stage = .preparing(until: until)
    lastHeard = now
  }

  // MARK: Fences

  /// A fence is wanted: as soon as the interval since the last one allows, or once that one has ended.
  mutating func wantFence(notBefore now: Instant, distance: Duration) {
    isFenceWanted = fence.isUnderWay
    guard !isFenceWanted else { return }
    let due = max(now, fenceBegunAt.advanced(by: distance))
    nextFence = nextFence.map { min($0, due) } ?? due
  }

  /// A fence begins, or the check that precedes it.
  mutating func fenceBegins(now: Instant, until: Instant) {
    nextFence = nil
    fenceBegunAt = now
    probeDeadline = nil  // A fence probes the flow as well.
    fenceDeadline = until
  }

  /// The commands of a fence. From now on their replies are expected.
  mutating func fenceCommands(nonce: String, lineage: Lineage, isPlain: Bool) -> [FeedCommand] {
    let commands = fence.begin(nonce: nonce, lineage: lineage, leaving: lineageToLeave, isPlain: isPlain)
    for each in commands { command.requests.append(.fence(each.description)) }
    return commands
  }
}
