import Primitives

/// Finds the master of a Redis deployment through its sentinels, and hears of a change at once, as a pure state machine.
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
/// One connection does for both: it asks for the address and subscribes in one go, so that no change falls between. It
/// then stays, since a master that was demoted keeps its subscribers connected and silent: nobody but a sentinel
/// tells. Each ``resolve(now:)`` asks the next sentinel, so one that is cut off from the others does not mislead forever. Who
/// is named must still say itself that it is a master: see `FeedMachine`.
///
/// Source: <https://redis.io/docs/latest/develop/reference/sentinel-clients/>.
public struct SentinelMachine: Sendable {
  /// What the driver is to do.
  public enum Action: Equatable, Sendable {
    /// Open a connection to the sentinel of this index, in place of any other.
    case connect(Int)
    /// Close the connection, or stop opening it.
    case disconnect
    /// Send commands.
    case send([FeedCommand])
    /// The master that was asked for.
    case found(HostPort)
    /// There is another master now: leave the one before.
    case moved(HostPort)
    /// No sentinel names a master. It can be asked again.
    case failed(reason: String)
  }

  /// How long each thing may take.
  public struct Timing: Equatable, Sendable {
    /// From the decision to connect to one sentinel until it has answered. One whose name takes longer to look up is passed
    /// over too, for another may know the master at once; the look-up goes on, and serves the next attempt.
    public var answerTimeout: Duration = .seconds(1)
    /// From one sign of life of a sentinel that is watched to a `PING`.
    public var pingAfter: Duration = .seconds(2)
    /// From the loss of a sentinel that was watched to the next attempt, while nobody waits for an address.
    public var retryAfter: Duration = .seconds(1)

    /// The customary times.
    public init() {}
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
  /// How many sentinels have failed since one answered.
  private var failures = 0
  /// True while somebody waits for an address.
  private var isAwaited = false
  /// The master that was named last.
  private var address: HostPort?
  /// True if it was named without being asked for, and nobody has asked since.
  private var isFresh = false

  /// - Parameters:
  ///   - sentinels: where the sentinels are; at least one.
  ///   - master: the name of the deployment.
  ///   - user: whom to log in to the sentinels as; nil is their default user.
  ///   - password: the password; nil where they ask for none.
  public init(
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

  /// The moment for the next ``timerTriggered(now:)``; nil if nothing is awaited.
  public var deadline: Instant? {
    switch phase {
    case .idle: nil
    case .waiting(let until), .connecting(let until), .watching(let until), .pinging(let until): until
    }
  }

  /// Somebody wants to connect to the master. ``Action/found(_:)`` or ``Action/failed(reason:)`` follows.
  public mutating func resolve(now: Instant) -> [Action] {
    if isFresh, let address {
      isFresh = false
      return [.found(address)]
    }
    isAwaited = true
    failures = 0
    if case .connecting = phase { return [] }
    return connectToNext(now: now)
  }

  /// The connection is made.
  public mutating func connectionEstablished(now: Instant) -> [Action] {
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

  /// The connection could not be made, or ended.
  public mutating func connectionClosed(reason: String, now: Instant) -> [Action] {
    switch phase {
    case .idle, .waiting: []
    case .connecting, .watching, .pinging: fail(reason, now: now)
    }
  }

  /// The sentinel answered: everything that it sends except published messages, in order.
  public mutating func replyReceived(_ reply: FeedReply, now: Instant) -> [Action] {
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

  /// The sentinel published something: on its channel, `NAME OLD-HOST OLD-PORT NEW-HOST NEW-PORT`.
  public mutating func messageReceived(channel: [UInt8], payload: [UInt8], now: Instant) -> [Action] {
    guard channel.elementsEqual(Self.channel.utf8) else { return [] }
    let words = payload.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
    guard words.count == 5, words[0].utf8.elementsEqual(master.utf8),
      let new = Self.hostPort(words[3], words[4]), new != address
    else { return [] }
    return name(new)
  }

  /// Time has passed.
  ///
  /// - Parameter isResolving: whether the name of the sentinel to connect to is still being looked up.
  public mutating func timerTriggered(isResolving: Bool = false, now: Instant) -> [Action] {
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

  /// The current sentinel is of no use: another one, at once if somebody waits.
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
  /// No parts: the password must not be shown.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
