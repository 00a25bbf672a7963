import HubCore
import Logging
import Primitives
import Reactor
import Service
import Transport
import Wire

/// Passes messages from Redis to the ``HubCore/HubStream``, and its messages to the edges when it decides so.
final class FeedRelay: FeedDriverDelegate, EdgeFleetDelegate {
  private let feed: FeedDriver
  private let fleet: EdgeFleet
  private let loop: EventLoop
  private var stream: HubStream
  private var tick: Deadline?
  private var log: FeedLog
  private var random = SystemRandomNumberGenerator()
  /// The counts since the start.
  private(set) var counters = FeedCounters()
  private(set) var ticks = DurationHistogram()

  init(_ feed: FeedDriver, to fleet: EdgeFleet, tick interval: Duration, loop: EventLoop, logger: Logger) {
    self.feed = feed
    self.fleet = fleet
    self.loop = loop
    stream = HubStream(ScorePacker(start: loop.now, interval: interval))
    log = FeedLog(logger)
    tick = Deadline(on: loop) { [weak self] in self?.tickHit() }
    feed.delegate = self
    fleet.delegate = self
  }

  private var now: Instant { loop.now }

  /// The totals.
  var table: ScoreTable { stream.table }

  /// The state of the feed, for the edges.
  var feedStatus: FeedStatus { stream.feedStatus }

  /// The state of the feed, for the status.
  var health: HubStatus.Feed {
    let refusals = feed.refusals
    return switch stream.feedState {
    case .anchored: .init(isLive: true, detail: "", refusals: refusals)
    case .unanchored(let reason):
      .init(isLive: true, detail: "\(reason)", unanchored: reason, refusals: refusals)
    case .interrupted(let interruption):
      .init(isLive: false, detail: "\(interruption)", refusals: refusals)
    case nil: .init(isLive: false, detail: "connecting to Redis for the first time")
    }
  }

  /// Connects to Redis.
  func start() {
    feed.start()
  }

  /// A second has passed.
  func secondPassed() {
    log.secondPassed(now: now)
  }

  /// Writes the edges' states into Redis, for the predecessors' tools.
  func publishNodeStatuses() {
    feed.publishNodeStatuses(fleet.nodeStatuses(unixSeconds: MonotonicClock.wallSeconds()))
  }

  // MARK: Output

  /// Performs what the stream decided, and sets the loop's timer for its next tick.
  private func perform(_ actions: [HubStream.Action]) {
    for action in actions {
      switch action {
      case .publish(let flush):
        counters.flushed()
        fleet.publish(flush)
      case .publishEvents(let events): fleet.publish(events)
      case .requireSnapshots: fleet.requireSnapshots()
      case .announce: feed.announce()
      case .fence: feed.fenceSoon()
      case .publishSnapshots: fleet.publishSnapshot(of: stream.table)
      case .publishStatus(let status): fleet.publish(status)
      case .countForgotten(let count): counters.topicEventsForgotten(count)
      case .listTweets(let topics): feed.listTweets(of: topics)
      case .answer(let asked, let messages): fleet.answer(asked, messages)
      case .refuse(let asked, let outcome): fleet.refuse(asked, outcome)
      }
    }
    tick?.set(stream.deadline)
  }

  private func tickHit() {
    let start = MonotonicClock.now()
    perform(stream.tickHit(now: now))
    ticks.record(start.duration(to: MonotonicClock.now()))
  }

  // MARK: Input from Redis

  func feedBrought(_ message: FeedMessage) {
    count(message)
    perform(stream.brought(message, now: now))
  }

  private func count(_ message: FeedMessage) {
    counters.messageReceived()
    switch message {
    case .increment(let id):
      if let reason = stream.table.rejection(of: id) {
        counters.messageRejected(reason.rawValue)
      } else {
        counters.messagePacked(.score)
      }
    case .topicEvent(let event):
      if case .details = event.source {
        counters.messagePacked(.tweet)
      } else {
        counters.messagePacked(.interaction)
      }
    case .rejected(let reason): counters.messageRejected(reason.rawValue)
    case .fence: counters.messagePacked(.fence)
    }
  }

  func feedFenced(_ totals: FenceTotals) {
    log.found(rejected: totals.rejected)
    let before = FeedLog.Before(stream.table)
    let judgement = stream.fenced(totals, now: now)
    perform(judgement.actions)
    log.fenced(
      judgement.reconciliation, lineage: totals.lineage, before: before, table: stream.table, now: now)
    feed.fenceJudged(judgement.verdict)
  }

  func feedListed(_ list: TweetList) {
    perform(stream.listed(list))
  }

  func feedChanged(to state: FeedState) {
    if case .interrupted = state { counters.feedInterrupted() }
    log.changed(to: state, at: stream.table.position, now: now)
    perform(stream.feedChanged(to: state, now: now, using: &random))
  }

  // MARK: Queries from edges

  func edgeFleet(_ fleet: EdgeFleet, asked query: Query, over link: Int) {
    perform(stream.asked(query, of: link, now: now))
  }

  func edgeFleetShrank(_ fleet: EdgeFleet) {
    publishNodeStatuses()
  }
}
