import Primitives
import Wire

// Messages, fences and probes.
extension FeedMachine {
  /// What the driver is to do with a message.
  public enum MessageAction: Equatable, Sendable {
    /// Pass it on (or count it, if it is ``FeedMessage/rejected(_:)``). Never a ``FeedMessage/fence(nonce:)``.
    case pass(FeedMessage)
    /// It was the machine's own business: perform these.
    case perform([Action])
  }

  /// The subscription brought a message.
  public mutating func messageReceived(channel: [UInt8], payload: [UInt8], now: Instant) -> MessageAction {
    heard(now: now)
    let message = classifier.classify(channel: channel, payload: payload)
    switch message {
    case .increment(let id):
      fence.incremented(id)
      if isSetAbsent, uncountedSince == nil { uncountedSince = now }
    case .fence(let nonce) where nonce.starts(with: Self.announcementPrefix):
      if nonce != lastAnnouncement { fenceSoon(now: now) }
      return .perform([])
    case .fence(let nonce):
      let anchored = fence.nonceReceived(nonce).map { anchor($0, now: now) } ?? []
      return .perform(anchored + tweetsNonceReceived(nonce, now: now))
    case .topicEvent(let event):
      if case .details(let topic) = event.source { tweets.tweetReceived(event.payload, of: topic) }
    case .rejected:
      break
    }
    return .pass(message)
  }

  /// Reads the totals again, for a check. Does nothing unless the feed is live and no fence is under way.
  public mutating func fence(now: Instant, using random: inout some RandomNumberGenerator) -> [Action] {
    guard phase == .live, fenceDeadline == nil, refusal(of: .fences) == nil else { return [] }
    return beginFence(now: now, using: &random)
  }

  /// Something depends on what Redis holds now: the next fence comes as soon as the distance between two of them allows.
  public mutating func fenceSoon(now: Instant) {
    guard phase == .live, refusal(of: .fences) == nil else { return }
    isFenceWanted = fence.isUnderWay
    guard !isFenceWanted else { return }
    let due = max(now, fenceBegunAt.advanced(by: configuration.timing.probationFenceInterval))
    nextFence = nextFence.map { min($0, due) } ?? due
  }

  /// What a message on the fences' channel begins with by which one hub has the others read the totals again. A hub that is
  /// older than that takes it for a nonce of somebody's.
  static let announcementPrefix = Array("again:".utf8)

  /// This hub found that totals have a new name, or are less than was told: the others shall look, too, and not only at their
  /// next fence.
  public mutating func announce(using random: inout some RandomNumberGenerator) -> [Action] {
    guard phase == .live, refusal(of: .probes) == nil else { return [] }
    lastAnnouncement = Self.announcementPrefix + Self.nonce(using: &random).utf8
    command.requests.append(.probe)
    let nonce = String(decoding: lastAnnouncement, as: UTF8.self)
    return [.send(.command, [FeedCommand("PUBLISH", configuration.names.fences, nonce)])]
  }

  /// The totals of the last ``Action/adopt(_:)`` were looked at: says how soon the next fence is due.
  public mutating func fenceJudged(_ pace: FencePace, now: Instant) {
    guard phase == .live, !fence.isUnderWay else { return }
    let timing = configuration.timing
    let interval =
      switch pace {
      case .routine: timing.fenceInterval
      case .settling: min(timing.settlingFenceInterval, timing.fenceInterval)
      case .confirming: min(timing.confirmingFenceInterval, timing.fenceInterval)
      case .probation: min(timing.probationFenceInterval, timing.fenceInterval)
      }
    nextFence = now.advanced(by: isSetAbsent ? min(interval, timing.absentFenceInterval) : interval)
    if isFenceWanted { fenceSoon(now: now) }
  }

  /// The totals that came last went backwards, or bear a name that was given up: gives their history a new name, unless
  /// another hub has done that, and reads them again. Should Redis refuse the name, it is tried again at each fence until this connection ends.
  ///
  /// - Parameter lineage: the name that must give way.
  public mutating func renewLineage(
    leaving lineage: Lineage, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard phase == .live, !fence.isUnderWay else { return [] }
    lineageToLeave = lineage
    return beginFence(now: now, using: &random)
  }

  mutating func beginFence(now: Instant, using random: inout some RandomNumberGenerator) -> [Action] {
    nextFence = nil
    fenceBegunAt = now
    probeDeadline = nil  // A fence probes the flow as well.
    fenceDeadline = now.advanced(by: configuration.timing.fenceTimeout)
    guard transactionRefusal == nil else { return beginTransactionCheck(now: now) }
    let commands = fence.begin(
      nonce: Self.nonce(using: &random), lineage: Lineage(using: &random), leaving: lineageToLeave,
      isPlain: refusal(of: .script) != nil)
    for each in commands { command.requests.append(.fence(each.description)) }
    return [.send(.command, commands)]
  }

  /// Something came over the subscription: the flow lives, and a probe has done its work.
  mutating func heard(now: Instant) {
    lastHeard = now
    probeDeadline = nil
  }

  mutating func checkFlow(now: Instant, using random: inout some RandomNumberGenerator) -> [Action] {
    if let fenceDeadline, fenceDeadline <= now {
      return interrupt(.fenceTimedOut, now: now, using: &random)
    }
    if let tweetsDeadline, tweetsDeadline <= now {
      return interrupt(.tweetsTimedOut, now: now, using: &random)
    }
    let retries = retryTime.map { $0 <= now } == true ? retry(now: now) : []
    return retries + checkSilence(now: now, using: &random)
  }

  private mutating func checkSilence(now: Instant, using random: inout some RandomNumberGenerator) -> [Action]
  {
    if fenceDeadline != nil { return [] }
    if let probeDeadline, probeDeadline <= now { return interrupt(.flowStopped, now: now, using: &random) }
    if let nextFence, nextFence <= now { return fence(now: now, using: &random) }
    return probeDeadline == nil && probeTime <= now ? probe(now: now, using: &random) : []
  }

  /// Publishes a message to ourselves: unlike `PING`, it goes the way that all messages go.
  private mutating func probe(now: Instant, using random: inout some RandomNumberGenerator) -> [Action] {
    probeDeadline = now.advanced(by: configuration.timing.probeTimeout)
    if let refusal = refusal(of: .fences) ?? refusal(of: .probes) { return ping(because: refusal) }
    command.requests.append(.probe)
    let nonce = Self.nonce(using: &random)
    return [.send(.command, [FeedCommand("PUBLISH", configuration.names.fences, nonce)])]
  }

  mutating func probeAnswered(_ reply: FeedReply) -> [Action] {
    guard let message = reply.failure else { return granted(.probes) }
    return ping(because: FeedRefusal(request: "PUBLISH \(configuration.names.fences)", message: message))
  }

  private mutating func ping(because refusal: FeedRefusal) -> [Action] {
    subscription.requests.append(.ping)
    return refused(.probes, refusal) + [.send(.subscription, [FeedCommand("PING")])]
  }

  static func nonce(using random: inout some RandomNumberGenerator) -> String {
    String(UInt64.random(in: .min ... .max, using: &random), radix: 16)
  }
}
