import Primitives

/// What a ``FeedMachine`` knows from one attempt to connect until the feed is interrupted, and no longer: all of it ends with the
/// session.
struct FeedSession {
  /// How far it has come.
  enum Stage: Equatable {
    /// Without an end while neither connection is made: looking a name up and connecting have limits of their own, in the
    /// driver, and end in a connection that is closed.
    case preparing(until: Instant?)
    /// Both connections are subscribed and logged in, and the first totals are awaited.
    case fencing
    /// Messages come, and it is known what the totals are worth.
    case live
  }

  /// What a reply is the answer to.
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
    /// The way out of a transaction that Redis did not end.
    case discard
    /// Whether a transaction could be ended.
    case transaction
    /// Whether Redis runs a script for us.
    case script
  }

  /// One of the two connections, and what was asked on it.
  struct Link {
    var isEstablished = false
    var requests = RingBuffer<Request>()
    var isReady: Bool { isEstablished && requests.isEmpty }
  }

  var stage = Stage.preparing(until: nil)
  var subscription = Link()
  var command = Link()
  /// Whether the subscription may have brought messages.
  var mayHaveBrought = false
  /// When the subscription last brought anything.
  var lastHeard = Instant.origin
  var probeDeadline: Instant?

  var fence: Fence
  var fenceDeadline: Instant?
  var nextFence: Instant?
  /// Whether another fence is wanted that begins when this one has ended.
  var isFenceWanted = false
  /// When the last fence began.
  var fenceBegunAt = Instant.origin
  /// The lineage whose totals went backwards, until it has another name.
  var lineageToLeave: Lineage?
  var transaction = TransactionWatch()

  var tweets: TweetLists
  var tweetsNonce = ""
  var tweetsDeadline: Instant?

  /// What Redis refused and is not tried, until it is time to ask again.
  var deferred: Set<FeedFeature> = []
  /// When refused rights were asked for last.
  var lastRetry = Instant.origin

  /// An attempt that begins: nothing is connected.
  init(names: FeedNames) {
    fence = Fence(names: names)
    tweets = TweetLists(names: names)
  }

  /// Whether both connections have had all their answers.
  var isReady: Bool { subscription.isReady && command.isReady }

  subscript(connection: FeedConnection) -> Link {
    get { connection == .subscription ? subscription : command }
    set { if connection == .subscription { subscription = newValue } else { command = newValue } }
  }

  /// Something came over the subscription: the flow lives, and a probe has done its work.
  mutating func heard(now: Instant) {
    lastHeard = now
    probeDeadline = nil
  }

  /// The next fence is due then.
  mutating func fenceEnded(next: Instant) {
    fenceDeadline = nil
    nextFence = next
  }

  /// A connection is made, and was greeted.
  ///
  /// - Parameter requests: what was asked.
  mutating func established(
    _ connection: FeedConnection, awaiting requests: [Request], until: Instant, now: Instant
  ) {
    self[connection].isEstablished = true
    for request in requests { self[connection].requests.append(request) }
    stage = .preparing(until: until)
    lastHeard = now
  }

  // MARK: Fences

  /// A fence is wanted: as soon as the distance from the last one allows, or once that has ended.
  mutating func wantFence(notBefore now: Instant, distance: Duration) {
    isFenceWanted = fence.isUnderWay
    guard !isFenceWanted else { return }
    let due = max(now, fenceBegunAt.advanced(by: distance))
    nextFence = nextFence.map { min($0, due) } ?? due
  }

  /// A fence begins, or what must be known before one.
  mutating func fenceBegins(now: Instant, until: Instant) {
    nextFence = nil
    fenceBegunAt = now
    probeDeadline = nil  // A fence probes the flow as well.
    fenceDeadline = until
  }

  /// The commands of a fence, whose replies are awaited from now on.
  mutating func fenceCommands(nonce: String, lineage: Lineage, isPlain: Bool) -> [FeedCommand] {
    let commands = fence.begin(nonce: nonce, lineage: lineage, leaving: lineageToLeave, isPlain: isPlain)
    for each in commands { command.requests.append(.fence(each.description)) }
    return commands
  }
}
