import PlantedFaults
import Primitives

/// Reads all totals at an exactly known place in the order of messages.
///
/// One transaction reads the totals and publishes a nonce. Redis executes nothing in between, so the place of the
/// nonce among the subscription's messages is the place at which the totals were read:
///
/// ```
///  Redis executes   … inc A   inc B   { GET lineage · PUBLISH nonce · ZRANGE }   inc C   inc D …
///  subscription     … A       B         nonce                                    C       D …
///  totals hold      … A       B                                                  no      no
/// ```
///
/// The subscription and the transaction's answer arrive over two connections, in either order:
/// - If the answer is first, the totals are held back until the nonce arrives. They are then the truth at its place.
/// - If the nonce is first, increments after it (C, D) are kept, and added to the totals when the answer arrives.
///   They are then the truth at the place that the subscription has reached.
///
/// In both cases the resulting totals are true *now*: after every message that was delivered before, and before
/// every further one. So the table that counts increments always counts all of them, and when totals arrive it grows
/// by the difference. Nothing is lost or counted twice.
///
/// A history that needs a new name is renamed by a script that checks its present name first. If several hubs found
/// the same loss, the first one renames what is left, and the others read that name in their own transactions.
package struct Fence: Sendable {
  /// How many different ids may be counted while the answer is on its way.
  package static let maximumIDCount = 65_536

  /// The result of a fence.
  package enum Outcome: Equatable, Sendable {
    /// The true totals, now.
    case totals(FenceTotals)
    /// There are no reliable totals.
    case unanchored(UnanchoredReason)
    /// Redis refuses to run the script, so the name must be written without a check.
    case refusedScript(FeedRefusal)
    /// Redis cannot serve at present, or does not answer as expected.
    case interrupted(FeedInterruption)
  }

  private struct Attempt {
    let nonce: [UInt8]
    /// The name that must be replaced.
    let leaving: Lineage?
    /// Whether the name is replaced without checking whether another hub has done that already.
    let isPlain: Bool
    var replyCount = 0
    /// Why `SET` was refused. This matters only if there is no lineage yet.
    var lineageRefusal: FeedRefusal?
    /// The first refusal inside the transaction.
    var refusal: FeedRefusal?
    var totals: FenceTotals?
    /// The increments counted after the nonce; nil until it arrives.
    var increments: [ScoreID: UInt64]?
    var isOverflown = false
  }

  private let names: FeedNames
  private var attempt: Attempt?

  /// A fence that has not begun.
  package init(names: FeedNames) {
    self.names = names
  }

  /// Whether a fence is in progress: from ``begin(nonce:lineage:leaving:isPlain:)`` until an outcome.
  package var isUnderWay: Bool { attempt != nil }

  /// The number of replies to the commands of ``begin(nonce:lineage:leaving:isPlain:)``.
  static let replyCount = 6

  /// Names the history, unless it has a name that need not be replaced. Key: the lineage's. Arguments: the name to
  /// replace, and the new one.
  static let renaming = """
    local name = redis.call('GET', KEYS[1])
    if not name or name == ARGV[1] then return redis.call('SET', KEYS[1], ARGV[2]) end
    """

  /// Begins a fence. The commands are sent together, and their replies must be passed to ``replyReceived(_:)`` in
  /// order.
  ///
  /// - Parameters:
  ///   - nonce: a text that no other program publishes.
  ///   - lineage: the name for the totals' history if it has none yet.
  ///   - leaving: the present name if it must be replaced, because the totals went backwards.
  ///   - isPlain: whether the name is replaced without checking whether another hub has done that already.
  package mutating func begin(
    nonce: String, lineage: Lineage, leaving: Lineage? = nil, isPlain: Bool = false
  ) -> [FeedCommand] {
    attempt = Attempt(nonce: Array(nonce.utf8), leaving: leaving, isPlain: isPlain)
    if planted(.fenceMisplaced) { attempt?.increments = [:] }
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

  /// Gives up, because the connections are lost.
  package mutating func cancel() {
    attempt = nil
  }

  /// The subscription received an increment.
  package mutating func incremented(_ id: ScoreID) {
    guard attempt?.increments != nil, !planted(.fenceIgnoresIncrements) else { return }
    attempt?.increments?[id, default: 0] += 1
    if let count = attempt?.increments?.count, count > Self.maximumIDCount {
      attempt?.increments = [:]
      attempt?.isOverflown = true
    }
  }

  /// The subscription received a nonce, possibly another hub's. Returns the totals if they were waiting for it.
  package mutating func nonceReceived(_ nonce: [UInt8]) -> FenceTotals? {
    guard let current = attempt, current.nonce == nonce else { return nil }
    guard let totals = current.totals else {
      attempt?.increments = [:]
      return nil
    }
    attempt = nil
    return totals
  }

  /// One of the replies has arrived.
  package mutating func replyReceived(_ reply: FeedReply) -> Outcome? {
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
    // The fence itself also works on a replica, but a replica that is cut off gets no more totals and messages.
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

  /// The commands of ``begin(nonce:lineage:leaving:isPlain:)`` in the form for logs.
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
