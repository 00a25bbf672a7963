import Primitives

/// Reads all totals at a place in the order of messages that is known exactly.
///
/// One transaction reads the totals and publishes a nonce. Redis executes nothing in between, so where the nonce
/// stands among the subscription's messages is where the totals were read:
///
/// ```
///  Redis executes   … inc A   inc B   { GET lineage · PUBLISH nonce · ZRANGE }   inc C   inc D …
///  subscription     … A       B         nonce                                    C       D …
///  totals hold      … A       B                                                  no      no
/// ```
///
/// The subscription and the transaction's answer come over two connections, in either order:
/// - the answer first: the totals are held back until the nonce comes; they are then the truth at its place;
/// - the nonce first: what is counted behind it (C, D) is kept, and added to the totals when the answer comes; they
///   are then the truth at the place that the subscription has reached.
///
/// Either way the totals that come out hold good *now*: behind every message that was handed over before, ahead of
/// every one to come. So the table that counts increments goes on counting them all, at all times, and when totals
/// come it grows by what it lacks. Nothing is lost and nothing counted twice.
///
/// A history that must have a new name is given it by a script that looks first: of several hubs that found the same loss, the
/// first one names what is left, and the others read that name in their own transactions.
public struct Fence: Sendable {
  /// How many different ids may be counted while the answer is awaited.
  public static let maximumIDCount = 65_536

  /// The result of a fence.
  public enum Outcome: Equatable, Sendable {
    /// The truth, now.
    case totals(FenceTotals)
    /// There is no truth to be had.
    case unanchored(UnanchoredReason)
    /// Redis runs no script for us, so the name must be written without looking.
    case refusedScript(FeedRefusal)
    /// Redis cannot serve at present, or does not answer as expected.
    case interrupted(FeedInterruption)
  }

  private struct Attempt {
    let nonce: [UInt8]
    /// The name that must give way to a new one.
    let leaving: Lineage?
    /// Whether that is done without looking whether somebody else has done it.
    let isPlain: Bool
    var replyCount = 0
    /// Why `SET` was refused, which matters only if there is no lineage already.
    var lineageRefusal: FeedRefusal?
    /// The first refusal inside the transaction.
    var refusal: FeedRefusal?
    var totals: FenceTotals?
    /// What was counted behind the nonce; nil until it comes.
    var increments: [ScoreID: UInt64]?
    var isOverflown = false
  }

  private let names: FeedNames
  private var attempt: Attempt?

  /// A fence that has not begun.
  public init(names: FeedNames) {
    self.names = names
  }

  /// True from ``begin(nonce:lineage:leaving:isPlain:)`` until an outcome.
  public var isUnderWay: Bool { attempt != nil }

  /// The number of replies that the commands of ``begin(nonce:lineage:leaving:isPlain:)`` draw.
  static let replyCount = 6

  /// Gives the history a name, unless it has one by now that need not give way. Key: the lineage's. Arguments: the name that
  /// must give way, and the new one.
  static let renaming = """
    local name = redis.call('GET', KEYS[1])
    if not name or name == ARGV[1] then return redis.call('SET', KEYS[1], ARGV[2]) end
    """

  /// Begins anew. The commands go out together, and their replies come back to ``replyReceived(_:)`` in order.
  ///
  /// - Parameters:
  ///   - nonce: a text that nobody else publishes.
  ///   - lineage: the name for the totals' history if it has none yet.
  ///   - leaving: the name that it has and must not keep, since its totals went backwards.
  ///   - isPlain: whether it is renamed without looking whether another hub has done that already.
  public mutating func begin(
    nonce: String, lineage: Lineage, leaving: Lineage? = nil, isPlain: Bool = false
  ) -> [FeedCommand] {
    attempt = Attempt(nonce: Array(nonce.utf8), leaving: leaving, isPlain: isPlain)
    return [
      name(lineage, leaving: leaving, isPlain: isPlain),
      FeedCommand("MULTI"),
      FeedCommand("GET", names.lineage),
      FeedCommand("PUBLISH", names.fences, nonce),
      FeedCommand("ZRANGE", names.scores, "0", "-1", "WITHSCORES"),
      FeedCommand("EXEC"),
    ]
  }

  private func name(_ lineage: Lineage, leaving: Lineage?, isPlain: Bool) -> FeedCommand {
    guard let leaving else { return FeedCommand("SET", names.lineage, lineage.description, "NX") }
    guard !isPlain else { return FeedCommand("SET", names.lineage, lineage.description) }
    return FeedCommand(
      "EVAL", Self.renaming, "1", names.lineage, leaving.description, lineage.description)
  }

  /// Gives up, because the connections are gone.
  public mutating func cancel() {
    attempt = nil
  }

  /// The subscription brought an increment.
  public mutating func incremented(_ id: ScoreID) {
    guard attempt?.increments != nil else { return }
    attempt?.increments?[id, default: 0] += 1
    if let count = attempt?.increments?.count, count > Self.maximumIDCount {
      attempt?.increments = [:]
      attempt?.isOverflown = true
    }
  }

  /// The subscription brought a nonce; it may be another hub's. Returns the totals if they have been waiting for it.
  public mutating func nonceReceived(_ nonce: [UInt8]) -> FenceTotals? {
    guard let current = attempt, current.nonce == nonce else { return nil }
    guard let totals = current.totals else {
      attempt?.increments = [:]
      return nil
    }
    attempt = nil
    return totals
  }

  /// One of the replies came.
  public mutating func replyReceived(_ reply: FeedReply) -> Outcome? {
    guard var current = attempt else { return nil }
    let index = current.replyCount
    current.replyCount += 1
    attempt = current
    if index == Self.replyCount - 1 { return finish(current, reply) }
    guard let message = reply.failure else { return nil }
    let isScript = index == 0 && current.leaving != nil && !current.isPlain
    let refusal = FeedRefusal(
      request: isScript ? "EVAL \(names.lineage)" : request(index), message: message)
    if index == 0 {
      attempt?.lineageRefusal = refusal
    } else if current.refusal == nil {
      attempt?.refusal = refusal
    }
    return nil
  }

  /// The transaction has ended.
  private mutating func finish(_ current: Attempt, _ reply: FeedReply) -> Outcome? {
    let outcome = current.isOverflown ? .unanchored(.tooManyIDs) : read(current, reply)
    guard case .totals(var totals) = outcome else {
      attempt = nil
      return outcome
    }
    guard let increments = current.increments else {
      attempt?.totals = totals
      return nil
    }
    totals.add(increments)
    attempt = nil
    return .totals(totals)
  }

  private func read(_ current: Attempt, _ reply: FeedReply) -> Outcome {
    // The fence itself goes through on a replica, whose totals and messages stand still once it is cut off.
    if let refusal = current.lineageRefusal, refusal.message.hasPrefix("READONLY") {
      return .interrupted(.refused(refusal))
    }
    if let refusal = current.refusal { return Self.outcome(of: refusal) }
    if let message = reply.failure { return Self.outcome(of: FeedRefusal(request: "EXEC", message: message)) }
    guard case .list(let results?) = reply, results.count == 3 else {
      return .interrupted(.unexpectedReply(to: "EXEC"))
    }
    for (offset, result) in results.enumerated() {
      guard let message = result.failure else { continue }
      return Self.outcome(of: FeedRefusal(request: request(2 + offset), message: message))
    }
    guard case .text(let name) = results[0], case .list(let list?) = results[2] else {
      return .interrupted(.unexpectedReply(to: "EXEC"))
    }
    if name == nil, let refusal = current.lineageRefusal { return Self.outcome(of: refusal) }
    guard let lineage = name.flatMap({ Lineage(String(decoding: $0, as: UTF8.self)) }) else {
      return .unanchored(.lineageInvalid(key: names.lineage))
    }
    if lineage == current.leaving, let refusal = current.lineageRefusal {
      return current.isPlain || refusal.isPassing ? Self.outcome(of: refusal) : .refusedScript(refusal)
    }
    guard let totals = FenceTotals(lineage: lineage, reply: list) else {
      return .interrupted(.unexpectedReply(to: request(4)))
    }
    return .totals(totals)
  }

  /// The commands of ``begin(nonce:lineage:leaving:isPlain:)`` as a log names them.
  private func request(_ index: Int) -> String {
    [
      "SET \(names.lineage)", "MULTI", "GET \(names.lineage)", "PUBLISH \(names.fences)",
      "ZRANGE \(names.scores)", "EXEC",
    ][
      index]
  }

  private static func outcome(of refusal: FeedRefusal) -> Outcome {
    refusal.isPassing ? .interrupted(.refused(refusal)) : .unanchored(.refused(refusal))
  }
}
