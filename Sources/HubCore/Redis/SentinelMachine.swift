import Primitives

/// Finds the master of a Redis deployment through its sentinels, and learns of a change at once, as a pure state
/// machine.
///
/// ```
///            resolve                   the address is there,
///  idle ───────────────► connecting ── +switch-master is subscribed to ──► watching
///   ▲                     ▲   │  ▲                                            │
///   │ a whole round failed│   │  │ the sentinel is gone, silent, or refuses   │
///   └─────────────────────┼───┘  └────────────────────────────────────────────┤
///                         └──── resolve: the caller does not trust it ◄───────┘
/// ```
///
/// One connection serves both purposes: it asks for the address and subscribes in one go, so that no change is missed
/// in between. It then stays open, because a demoted master keeps its subscribers connected and silent, and only
/// sentinels report the change. Each ``resolve(now:)`` asks the next sentinel, so a sentinel that is cut off from the
/// others does not mislead the hub forever. The named server must still confirm that it is a master: see
/// `FeedMachine`.
///
/// Source: <https://redis.io/docs/latest/develop/reference/sentinel-clients/>.
package struct SentinelMachine: Sendable {
  /// What the driver does.
  package enum Action: Equatable, Sendable {
    /// Open a connection to the sentinel with this index, and close any other.
    case connect(Int)
    /// Close the connection, or stop opening it.
    case disconnect
    /// Send commands.
    case send([FeedCommand])
    /// The requested master.
    case found(HostPort)
    /// Another server has become the master: leave the previous one.
    case moved(HostPort)
    /// No sentinel names a master. The caller may ask again.
    case failed(reason: String)
  }

  /// The time limits and intervals.
  package struct Timing: Equatable, Sendable {
    /// From the decision to connect to a sentinel until its answer. A sentinel whose name takes longer to look up is
    /// skipped too, because another one may know the master at once. The look-up continues, and serves the next
    /// attempt.
    package var answerTimeout: Duration = .seconds(1)
    /// From the last sign of life of a watched sentinel to a `PING`.
    package var pingAfter: Duration = .seconds(2)
    /// From the loss of a watched sentinel to the next attempt, while no caller waits for an address.
    package var retryAfter: Duration = .seconds(1)

    /// The default times.
    package init() {}
  }

  private enum Phase: Equatable {
    case idle
    case waiting(until: Instant)
    case connecting(until: Instant)
    case watching(pingAt: Instant)
    case pinging(until: Instant)
  }

  private enum Request { case login, address, subscribe, ping }

  private static let channel = "+switch-master"

  private let sentinels: [HostPort]
  private let master: String
  private let user: String?
  private let password: String?
  private let timing: Timing
  private var phase = Phase.idle
  private var current: Int
  private var requests: [Request] = []
  /// The number of sentinels that have failed since one answered.
  private var failures = 0
  /// Whether a caller waits for an address.
  private var isAwaited = false
  /// The master that was named last.
  private var address: HostPort?
  /// Whether it was named without a request, and no caller has asked since.
  private var isFresh = false

  /// - Parameters:
  ///   - sentinels: the addresses of the sentinels; at least one.
  ///   - master: the sentinels' name for the deployment.
  ///   - user: the user to log in as; nil for the sentinels' default user.
  ///   - password: the password; nil if the sentinels require none.
  package init(
    sentinels: [HostPort], master: String, user: String? = nil, password: String? = nil,
    timing: Timing = Timing()
  ) {
    precondition(!sentinels.isEmpty, "a deployment needs a sentinel")
    self.sentinels = sentinels
    self.master = master
    self.user = user
    self.password = password
    self.timing = timing
    current = sentinels.count - 1
  }

  /// When to call ``timerTriggered(isResolving:now:)`` next; nil if no deadline is set.
  package var deadline: Instant? {
    switch phase {
    case .idle: nil
    case .waiting(let until), .connecting(let until), .watching(let until), .pinging(let until): until
    }
  }

  /// The caller wants to connect to the master. ``Action/found(_:)`` or ``Action/failed(reason:)`` follows.
  package mutating func resolve(now: Instant) -> [Action] {
    if isFresh, let address {
      isFresh = false
      return [.found(address)]
    }
    isAwaited = true
    failures = 0
    if case .connecting = phase { return [] }
    return connectToNext(now: now)
  }

  /// The connection is established.
  package mutating func connectionEstablished(now: Instant) -> [Action] {
    guard case .connecting = phase else { return [] }
    var commands: [FeedCommand] = []
    requests = [.address, .subscribe]
    if let password {
      requests.insert(.login, at: 0)
      commands.append(user.map { FeedCommand("AUTH", $0, password) } ?? FeedCommand("AUTH", password))
    }
    commands.append(FeedCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", master))
    commands.append(FeedCommand("SUBSCRIBE", Self.channel))
    return [.send(commands)]
  }

  /// The connection could not be established, or ended.
  package mutating func connectionClosed(reason: String, now: Instant) -> [Action] {
    switch phase {
    case .idle, .waiting: []
    case .connecting, .watching, .pinging: fail(reason, now: now)
    }
  }

  /// The sentinel replied. The driver reports everything but published messages, in order.
  package mutating func replyReceived(_ reply: FeedReply, now: Instant) -> [Action] {
    guard !requests.isEmpty else { return [] }
    let request = requests.removeFirst()
    if let message = reply.failure, request != .ping {
      let names: [Request: String] = [.login: "AUTH", .subscribe: "SUBSCRIBE \(Self.channel)"]
      return fail("it refused \(names[request] ?? "SENTINEL GET-MASTER-ADDR-BY-NAME"): \(message)", now: now)
    }
    switch request {
    case .login: return []
    case .address: return addressReceived(reply, now: now)
    case .subscribe, .ping:
      phase = .watching(pingAt: now.advanced(by: timing.pingAfter))
      return []
    }
  }

  /// The sentinel published a message: on its channel, `NAME OLD-HOST OLD-PORT NEW-HOST NEW-PORT`.
  package mutating func messageReceived(channel: [UInt8], payload: [UInt8], now: Instant) -> [Action] {
    guard channel.elementsEqual(Self.channel.utf8) else { return [] }
    let words = payload.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
    guard words.count == 5, words[0].utf8.elementsEqual(master.utf8),
      let new = Self.hostPort(words[3], words[4]), new != address
    else { return [] }
    return name(new)
  }

  /// Time has passed.
  ///
  /// - Parameter isResolving: whether the sentinel's name is still being looked up.
  package mutating func timerTriggered(isResolving: Bool = false, now: Instant) -> [Action] {
    guard let deadline, deadline <= now else { return [] }
    switch phase {
    case .idle: return []
    case .waiting: return connectToNext(now: now)
    case .connecting:
      return fail(isResolving ? "its name is not resolved yet" : "it did not answer in time", now: now)
    case .pinging: return fail("it fell silent", now: now)
    case .watching:
      phase = .pinging(until: now.advanced(by: timing.answerTimeout))
      requests.append(.ping)
      return [.send([FeedCommand("PING")])]
    }
  }

  private mutating func addressReceived(_ reply: FeedReply, now: Instant) -> [Action] {
    guard case .list(let list) = reply else { return fail("it gave an unexpected answer", now: now) }
    guard let list else { return fail("it knows no master named '\(master)'", now: now) }
    guard list.count == 2, case .text(let host?) = list[0], case .text(let port?) = list[1],
      let new = Self.hostPort(String(decoding: host, as: UTF8.self), String(decoding: port, as: UTF8.self))
    else { return fail("it gave an unexpected answer", now: now) }
    failures = 0
    return name(new)
  }

  private mutating func name(_ new: HostPort) -> [Action] {
    let isChange = address != nil && address != new
    address = new
    if isAwaited {
      isAwaited = false
      return [.found(new)]
    }
    guard isChange else { return [] }
    isFresh = true
    return [.moved(new)]
  }

  private mutating func connectToNext(now: Instant) -> [Action] {
    current = (current + 1) % sentinels.count
    requests = []
    isFresh = false
    phase = .connecting(until: now.advanced(by: timing.answerTimeout))
    return [.connect(current)]
  }

  /// The present sentinel failed: tries another one, at once if a caller waits.
  private mutating func fail(_ reason: String, now: Instant) -> [Action] {
    failures += 1
    requests = []
    if isAwaited, failures < sentinels.count { return connectToNext(now: now) }
    let wasAwaited = isAwaited
    isAwaited = false
    phase = wasAwaited ? .idle : .waiting(until: now.advanced(by: timing.retryAfter))
    let text = "no sentinel names the master '\(master)'; the last one, \(sentinels[current]): \(reason)"
    return [.disconnect] + (wasAwaited ? [.failed(reason: text)] : [])
  }

  private static func hostPort(_ host: String, _ port: String) -> HostPort? {
    UInt16(port).flatMap { HostPort(host: host, port: $0) }
  }
}

extension SentinelMachine: CustomReflectable {
  /// Empty, because the password must not be shown.
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
