import HTTP
import HubCore
import Logging
import Primitives
import Reactor
import Service
import TLS
import Transport

/// The source of what an ``AdminServer`` shows.
protocol AdminServerDelegate: AnyObject {
  /// The status of this moment.
  var status: HubStatus { get }
  /// The status, and everything else that the admin API shows.
  var view: AdminView { get }
}

/// Serves the admin API and the dashboard: lets operators in, shows them the status, and performs their requests.
final class AdminServer: AdminConnectionDelegate {
  /// The most connections at once, of `status.listen` and of the other listeners each: clients of the first cannot
  /// keep operators out.
  private static let connectionsMaximum = 64

  private let configuration: HubConfiguration
  private let fleet: EdgeFleet
  private let rebalancer: Rebalancer
  private let hubName: String
  private let network: Network
  private let logger: Logger
  private var gate: AdminGate
  private var connections: [ObjectIdentifier: AdminConnection] = [:]
  private var refusalLog = LogLimiter()
  /// How often callers were not let in, or lacked the right.
  private(set) var refusals: [AdminRefusal: UInt64] = [:]
  /// The source of the status.
  weak var delegate: (any AdminServerDelegate)?

  init(
    _ configuration: HubConfiguration, hubName: String, fleet: EdgeFleet, rebalancer: Rebalancer,
    on network: Network, logger: Logger
  ) {
    self.configuration = configuration
    self.hubName = hubName
    self.fleet = fleet
    self.rebalancer = rebalancer
    self.network = network
    self.logger = logger
    gate = AdminGate(
      tokens: configuration.adminTokens, readers: configuration.settings.adminClientsReaders,
      hostNames: [hubName] + configuration.adminNames)
  }

  private var now: Instant { network.loop.now }

  /// The number of watchers.
  var watcherCount: Int { watchers.count }

  private var watchers: [AdminConnection] { connections.values.filter(\.isWatching) }

  /// Takes over a connection to the admin API.
  func accepted(
    _ descriptor: consuming FileDescriptor, from address: SocketAddress?, by listener: AdminListener
  ) {
    let isForStatus = listener == .status
    let count = connections.values.count { ($0.listener == .status) == isForStatus }
    guard count < Self.connectionsMaximum else { return }
    var security = Security.plain
    if listener == .secure {
      guard let context = configuration.adminContext else { return }
      security = .tlsServer(context)
    }
    let connection = AdminConnection(
      accepted: descriptor, from: address, by: listener, on: network, security: security, delegate: self)
    connections[ObjectIdentifier(connection)] = connection
  }

  /// A second has passed: all watchers get the same bytes.
  func secondPassed() {
    logger.leftOut(refusalLog.timerTriggered(now: now))
    if let context = configuration.adminContext {
      for connection in connections.values where connection.isRevoked(by: context) { connection.end() }
    }
    let watchers = watchers
    guard !watchers.isEmpty, let delegate else { return }
    let event = StatusStream.event(delegate.status)
    for watcher in watchers { watcher.sendEvent(event) }
  }

  /// Reads the configuration and all of its files again. If anything is wrong, nothing changes.
  func reload() -> Response {
    do throws(HubConfiguration.Refusal) {
      let message = try configuration.reload()
      credentialsRenewed()
      logger.notice("reloaded: \(message)")
      return AdminAnswer.done(message)
    } catch {
      logger.error(
        "nothing is reloaded, and the old configuration stays", metadata: ["reason": "\(error.reason)"])
      return AdminAnswer.problem(.unprocessableContent, "Nothing was changed: \(error.reason)")
    }
  }

  /// The tokens and names may have changed.
  func credentialsRenewed() {
    let tokens = configuration.adminTokens
    if gate.tokens != tokens { endSecureWatchers() }
    gate.tokens = tokens
    gate.setHostNames([hubName] + configuration.adminNames)
  }

  /// Disconnects watchers over TLS, because their tokens may be invalid now. They reconnect with their present
  /// credentials.
  private func endSecureWatchers() {
    for watcher in watchers where watcher.listener == .secure { watcher.end() }
  }

  // MARK: Requests

  func adminConnection(_ connection: AdminConnection, asked head: RequestHead, body: [UInt8]) {
    guard let peer = connection.peer, let delegate else { return }
    let request = AdminAPI.Request(
      head: head, body: body, peer: peer, hasRoom: watchers.count < StatusStream.watchersMaximum)
    let decision = AdminAPI.decide(request, gate: &gate, now: now) { delegate.view }
    if let refusal = decision.refusal { refusals[refusal, default: 0] += 1 }
    let audit = AdminAudit(head, body, peer, decision)
    let answer = { [weak self, weak connection] (response: Response) in
      self?.record(audit, response)
      connection?.answer(response)
    }
    switch decision.answer {
    case .response(let response): answer(response)
    case .watch(let beginning): connection.watch(beginning)
    case .perform(let action): perform(action, answer)
    }
  }

  private func perform(_ action: AdminAction, _ answer: @escaping (Response) -> Void) {
    switch action {
    case .command(let command): fleet.send(command, answer)
    case .rebalance(let rate): answer(rebalancer.set(rate: rate))
    case .setLogLevel(let name):
      guard let level = Logger.Level(rawValue: name) else {
        return answer(AdminAnswer.problem(.unprocessableContent, "There is no such level."))
      }
      LogThreshold.shared.level = level
      answer(AdminAnswer.done("The hub logs from \(name) on until it restarts or reloads."))
    case .reload: answer(reload())
    case .forget(let node):
      guard fleet.forget(node) else {
        return answer(
          AdminAnswer.problem(.conflict, "\(node) is connected: it can be forgotten once it is away."))
      }
      answer(AdminAnswer.done("\(node) is forgotten until it comes back."))
    }
  }

  /// Logs a request that changes something, or tried to. The lines for refused requests are limited, because there
  /// may be many.
  private func record(_ audit: AdminAudit, _ response: Response) {
    guard audit.isDeed || response.status == .unauthorized else { return }
    guard audit.isAllowed else {
      return refusalLog.log("admin \(audit.metadata["address"] ?? "")", at: now) { suffix in
        logger.warning("the admin API refused a request\(suffix)", metadata: audit.metadata(with: response))
      }
    }
    logger.notice("the admin API handled a command", metadata: audit.metadata(with: response))
  }

  func adminConnectionEnded(_ connection: AdminConnection, refusal: DisconnectReason?) {
    connections[ObjectIdentifier(connection)] = nil
    guard let refusal else { return }
    let host = connection.address?.host ?? "?"
    refusalLog.log("admin \(host)", at: now) { suffix in
      logger.warning(
        "a connection to the admin API failed\(suffix)",
        metadata: ["address": "\(host)", "reason": "\(refusal)"])
    }
  }
}
