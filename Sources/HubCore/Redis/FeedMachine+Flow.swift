import Primitives
import Wire

// Messages, fences and probes.
extension FeedMachine {
  /// What the driver does about a message.
  package enum MessageAction: Equatable, Sendable {
    /// Deliver it, or count it if it is ``FeedMessage/rejected(_:)``. It is never a ``FeedMessage/fence(nonce:)``.
    case pass(FeedMessage)
    /// The message was for the machine itself: perform these actions.
    case perform([Action])
  }

  /// The subscription received a message.
  package mutating func messageReceived(channel: [UInt8], payload: [UInt8], now: Instant) -> MessageAction {
    session?.heard(now: now)
    let message = classifier.classify(channel: channel, payload: payload)
    switch message {
    case .increment(let id):
      session?.fence.incremented(id)
      if scoreSet == .absent(uncountedSince: nil) { scoreSet = .absent(uncountedSince: now) }
    case .fence(let nonce) where nonce.starts(with: Self.announcementPrefix):
      if nonce != lastAnnouncement { fenceSoon(now: now) }
      return .perform([])
    case .fence(let nonce):
      let anchored = session?.fence.nonceReceived(nonce).map { anchor($0, now: now) } ?? []
      return .perform(anchored + tweetsNonceReceived(nonce, now: now))
    case .topicEvent(let event):
      if case .details(let topic) = event.source {
        session?.tweets.tweetReceived(event.payload, of: topic)
      }
    case .rejected:
      break
    }
    return .pass(message)
  }

  /// Reads the totals again, for a check. Does nothing unless the feed is live and no fence is in progress.
  package mutating func fence(now: Instant, using random: inout some RandomNumberGenerator) -> [Action] {
    guard isLive, session?.fenceDeadline == nil, refusal(of: .fences) == nil else { return [] }
    return beginFence(now: now, using: &random)
  }

  /// A decision depends on the present totals in Redis: the next fence begins as soon as the interval between two
  /// fences allows.
  package mutating func fenceSoon(now: Instant) {
    guard isLive, refusal(of: .fences) == nil else { return }
    let distance = configuration.timing.probationFenceInterval
    session?.wantFence(notBefore: now, distance: distance)
  }

  /// The prefix of a message on the fences' channel with which one hub makes the others read the totals again. Older
  /// hubs take the message for a nonce of another program.
  static let announcementPrefix = Array("again:".utf8)

  /// This hub found totals with a new name, or below those that clients were sent. The other hubs must read the
  /// totals at once, and not only at their next fence.
  package mutating func announce(using random: inout some RandomNumberGenerator) -> [Action] {
    guard isLive, refusal(of: .probes) == nil else { return [] }
    lastAnnouncement = Self.announcementPrefix + Self.nonce(using: &random).utf8
    session?.command.requests.append(.probe)
    let nonce = String(decoding: lastAnnouncement, as: UTF8.self)
    return [.send(.command, [FeedCommand("PUBLISH", configuration.names.fences, nonce)])]
  }

  /// The totals of the last ``Action/reconcile(_:)`` were judged; the verdict decides what follows.
  package mutating func fenceJudged(
    _ verdict: FenceVerdict, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    guard isLive, session?.fence.isUnderWay == false else { return [] }
    switch verdict {
    case .next(let pace):
      let timing = configuration.timing
      let interval = timing.interval(pace)
      let next = scoreSet == .present ? interval : min(interval, timing.absentFenceInterval)
      session?.nextFence = now.advanced(by: next)
      if session?.isFenceWanted == true { fenceSoon(now: now) }
      return []
    case .renameLineage(let lineage):
      session?.lineageToLeave = lineage
      return beginFence(now: now, using: &random)
    }
  }

  mutating func beginFence(now: Instant, using random: inout some RandomNumberGenerator) -> [Action] {
    let until = now.advanced(by: configuration.timing.fenceTimeout)
    session?.fenceBegins(now: now, until: until)
    guard transactionRefusal == nil else { return beginTransactionCheck(now: now) }
    let (nonce, lineage) = (Self.nonce(using: &random), Lineage(using: &random))
    let isPlain = refusal(of: .script) != nil
    let commands = session?.fenceCommands(nonce: nonce, lineage: lineage, isPlain: isPlain) ?? []
    return [.send(.command, commands)]
  }

  mutating func checkFlow(
    _ session: FeedSession, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    if let deadline = session.fenceDeadline, deadline <= now {
      return interrupt(.fenceTimedOut, now: now, using: &random)
    }
    if let deadline = session.tweetsDeadline, deadline <= now {
      return interrupt(.tweetsTimedOut, now: now, using: &random)
    }
    let retries = retryTime.map { $0 <= now } == true ? retry(now: now) : []
    return retries + checkSilence(session, now: now, using: &random)
  }

  /// A retry does not affect these deadlines.
  private mutating func checkSilence(
    _ session: FeedSession, now: Instant, using random: inout some RandomNumberGenerator
  ) -> [Action] {
    if session.fenceDeadline != nil { return [] }
    if let deadline = session.probeDeadline, deadline <= now {
      return interrupt(.flowStopped, now: now, using: &random)
    }
    if let next = session.nextFence, next <= now { return fence(now: now, using: &random) }
    return session.probeDeadline == nil && probeTime(session) <= now ? probe(now: now, using: &random) : []
  }

  /// Publishes a message to this hub itself, because that tests the way of all messages, unlike `PING`.
  private mutating func probe(now: Instant, using random: inout some RandomNumberGenerator) -> [Action] {
    let deadline = now.advanced(by: configuration.timing.probeTimeout)
    session?.probeDeadline = deadline
    if let refusal = refusal(of: .fences) ?? refusal(of: .probes) { return ping(because: refusal) }
    session?.command.requests.append(.probe)
    let nonce = Self.nonce(using: &random)
    return [.send(.command, [FeedCommand("PUBLISH", configuration.names.fences, nonce)])]
  }

  mutating func probeAnswered(_ reply: FeedReply) -> [Action] {
    guard let message = reply.failure else { return granted(.probes) }
    return ping(because: FeedRefusal(request: "PUBLISH \(configuration.names.fences)", message: message))
  }

  private mutating func ping(because refusal: FeedRefusal) -> [Action] {
    session?.subscription.requests.append(.ping)
    return refused(.probes, refusal) + [.send(.subscription, [FeedCommand("PING")])]
  }

  static func nonce(using random: inout some RandomNumberGenerator) -> String {
    String(UInt64.random(in: .min ... .max, using: &random), radix: 16)
  }
}
