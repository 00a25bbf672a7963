import HTTP
import HubCore
import Logging
import Primitives
import Reactor
import Service
import TLS
import Transport

// How all of it is seen, and who may change it.
extension HubServer: AdminConnectionDelegate {
  /// So many requests are answered at once.
  private static let adminClientsMaximum = 64

  func adminAccepted(_ descriptor: consuming FileDescriptor, from address: SocketAddress?, isSecure: Bool) {
    guard adminClients.count < Self.adminClientsMaximum else { return }
    var security = Security.plain
    if isSecure {
      guard let context = doors.context else { return }
      security = .tlsServer(context)
    }
    let client = AdminConnection(
      accepted: descriptor, from: address, on: network, security: security, delegate: self)
    adminClients[ObjectIdentifier(client)] = client
  }

  func adminConnectionEnded(_ connection: AdminConnection, refusal: DisconnectReason?) {
    adminClients[ObjectIdentifier(connection)] = nil
    guard let refusal else { return }
    let host = connection.address?.host ?? "?"
    refusalLog.log("admin \(host)", at: loop.now) { suffix in
      logger.warning(
        "a connection to the admin API failed\(suffix)",
        metadata: ["address": "\(host)", "reason": "\(refusal)"])
    }
  }

  func adminConnection(_ connection: AdminConnection, asked head: RequestHead, body: [UInt8]) {
    guard let peer = connection.peer else { return }
    let request = AdminAPI.Request(
      head: head, body: body, peer: peer, hasRoom: watchers.count < StatusStream.watchersMaximum)
    let decision = AdminAPI.decide(request, gate: &gate, now: loop.now) { view }
    if let refusal = decision.refusal { adminRefusals[refusal, default: 0] += 1 }
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
    case .command(let command): send(command, answer)
    case .rebalance(let rate): answer(setRebalance(rate: rate))
    case .setLogLevel(let name):
      guard let level = Logger.Level(rawValue: name) else {
        return answer(AdminAnswer.problem(.unprocessableContent, "There is no such level."))
      }
      LogThreshold.shared.level = level
      answer(AdminAnswer.done("The hub logs from \(name) on until it restarts or reloads."))
    case .reload: answer(reload())
    case .forget(let node):
      guard registry.forget(node) else {
        return answer(
          AdminAnswer.problem(.conflict, "\(node) is connected: it can be forgotten once it is away."))
      }
      answer(AdminAnswer.done("\(node) is forgotten until it comes back."))
    }
  }

  /// Writes what somebody did, or tried to, into the log. Those who are refused may be many.
  private func record(_ audit: AdminAudit, _ response: Response) {
    guard audit.isDeed || response.status == .unauthorized else { return }
    guard audit.isAllowed else {
      return refusalLog.log("admin \(audit.metadata["address"] ?? "")", at: loop.now) { suffix in
        logger.warning("the admin API refused somebody\(suffix)", metadata: audit.metadata(with: response))
      }
    }
    logger.notice("the admin API was told something", metadata: audit.metadata(with: response))
  }

  // MARK: What is seen

  private var watchers: [AdminConnection] { adminClients.values.filter(\.isWatching) }

  /// A second has passed: all who watch are sent the same bytes.
  func tellWatchers() {
    let watchers = watchers
    guard !watchers.isEmpty else { return }
    let event = StatusStream.event(status)
    for watcher in watchers { watcher.tell(event) }
  }

  /// Whoever watches by a token may have lost it: all of them come back, with what they have now.
  func endSecureWatchers() {
    for watcher in watchers where watcher.isSecure { watcher.end() }
  }

  private var view: AdminView {
    AdminView(
      status: status, figures: figures, interest: AdminView.Interest(interest, linkCount: registry.linkCount),
      rebalance: rebalance,
      settings: settingRows.map { AdminView.Setting(key: $0.key, value: $0.value, source: $0.source) })
  }

  var status: HubStatus {
    var status = HubStatus(
      terms: terms, startedAt: startedAt, now: loop.now, unixSeconds: MonotonicClock.wallSeconds(),
      isDraining: isShuttingDown, feed: feedHealth, scores: stream.table, edges: registry.records.map(edge),
      counters: counters, replacements: registry.replacements)
    status.process.memoryBytes = ProcessResources.residentBytes()
    status.process.processorTime = ProcessResources.processorTime()
    status.process.turns = loop.turns
    status.process.ticks = ticks
    status.process.logLinesDropped = ServiceLog.droppedLineCount
    status.operation.watchers = watchers.count
    status.operation.refusals = adminRefusals
    status.operation.rebalance = rebalance
    status.operation.certificateEnds = [
      ("edges", linkFiles.value.certificate), ("operators", doors.context?.certificate),
    ].compactMap { shownTo, certificate in certificate.map { (shownTo, $0.notAfter) } }
    status.operation.isLinkCertificateValid =
      linkFiles.value.dateProblem(at: status.unixSeconds) == nil
    return status
  }

  private var feedHealth: HubStatus.Feed {
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

  private func edge(_ record: EdgeRegistry.Record) -> HubStatus.Edge {
    HubStatus.Edge(
      record: record, link: record.link.flatMap { links[$0]?.machine },
      topicCount: record.link.map { interest.count(of: $0) } ?? 0)
  }
}
