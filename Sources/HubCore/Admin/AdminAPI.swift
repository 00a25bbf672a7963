import HTTP
import Pages
import Primitives
import Wire

/// The hub's pages and actions for operators and their tools, as a function of a request.
///
/// ``AdminRoute`` lists the endpoints, and ``AdminGate`` decides about access.
package enum AdminAPI {
  /// A request, with everything that its answer may depend on.
  package struct Request {
    /// The request's head.
    package let head: RequestHead
    /// The request's body; at most ``bodyMaximum`` bytes.
    package let body: [UInt8]
    /// The peer of the connection.
    package let peer: AdminPeer
    /// Whether there is room for another watcher of the status.
    package let hasRoom: Bool

    /// A request.
    package init(head: RequestHead, body: [UInt8], peer: AdminPeer, hasRoom: Bool) {
      self.head = head
      self.body = body
      self.peer = peer
      self.hasRoom = hasRoom
    }
  }

  /// The decision about a request, for the audit.
  package struct Decision: Equatable, Sendable {
    /// The caller; nil if it was not let in.
    package let caller: AdminCaller?
    /// The answer.
    package let answer: AdminAnswer
    /// Why the caller was not let in, or lacks the right; nil if neither is so.
    package var refusal: AdminRefusal?
    /// Whether the request was meant to change something, allowed or not.
    package let isDeed: Bool
  }

  /// The greatest length of a body in bytes.
  package static let bodyMaximum = 4_096

  /// Decides about a request.
  ///
  /// - Parameter view: collects what can be shown. It is called only for requests that need it, because it is
  ///   expensive.
  package static func decide(
    _ request: Request, gate: inout AdminGate, now: Instant, view: () -> AdminView
  ) -> Decision {
    let segments = request.head.target.segments
    let matches = AdminRoute.all.compactMap { route in route.match(segments).map { (route: route, node: $0) }
    }
    let match = matches.first { $0.route.allows(request.head.method) }
    let isDeed = request.head.method != .get && request.head.method != .head
    let isOpen = match?.route.isOpen ?? false
    if matches.isEmpty, !isDeed, request.peer.door == .secure(nil), let page = pageFile(request.head) {
      return Decision(caller: nil, answer: .response(page), isDeed: false)
    }
    switch gate.judge(request.head, isOpen: isOpen, from: request.peer, now: now) {
    case .refused(let refusal):
      return Decision(
        caller: nil, answer: .response(refusal.response), refusal: refusal, isDeed: isDeed)
    case .granted(let caller):
      if let match, caller.role < match.route.role {
        return Decision(
          caller: caller, answer: .response(AdminRefusal.readerOnly.response), refusal: .readerOnly,
          isDeed: isDeed)
      }
      let answer: AdminAnswer
      if let match {
        answer = Self.answer(request, match.route, match.node, view)
      } else {
        answer = .response(unmatched(request.head, matches.map(\.route)))
      }
      return Decision(caller: caller, answer: answer, isDeed: isDeed)
    }
  }

  /// A file of the dashboard; nil if there is none at this path. Over TLS the files need no token, because they
  /// contain the form that asks for it. They are the same in every hub, and tell nothing about this one.
  private static func pageFile(_ head: RequestHead) -> Response? {
    WebSite.dashboard.file(at: head.target.segments)?.response
  }

  /// The answer to a request without a route: a file of the dashboard, or that the path or the method does not exist.
  private static func unmatched(_ head: RequestHead, _ routes: [AdminRoute]) -> Response {
    let isRead = head.method == .get || head.method == .head
    if routes.isEmpty {
      guard let file = pageFile(head) else {
        return AdminAnswer.problem(.notFound, "There is nothing at this path.")
      }
      return isRead ? file : notAllowed("GET, HEAD")
    }
    let verbs = Set(routes.map(\.verb))
    return switch (verbs.contains(.get), verbs.contains(.post), verbs.contains(.delete)) {
    case (true, true, _): notAllowed("GET, HEAD, POST, DELETE")
    case (true, false, true): notAllowed("GET, HEAD, DELETE")
    case (true, false, false): notAllowed(routes[0].endpoint == .events ? "GET" : "GET, HEAD")
    case (false, _, _): notAllowed("POST")
    }
  }

  private static func notAllowed(_ methods: FieldValue) -> Response {
    AdminAnswer.problem(
      .methodNotAllowed, "The method is not allowed here.", fields: [ResponseField("Allow", methods)])
  }

  private static func answer(
    _ request: Request, _ route: AdminRoute, _ node: NodeName?, _ view: () -> AdminView
  ) -> AdminAnswer {
    guard route.verb != .post || isJSON(request) else {
      return .response(
        AdminAnswer.problem(.unsupportedMediaType, "The body must be of the type application/json."))
    }
    let arguments: AdminArguments
    do throws(AdminArguments.Malformed) {
      arguments =
        route.verb == .post
        ? try AdminArguments(body: request.body, of: route.parameters, choice: route.choice)
        : try AdminArguments(query: request.head.target, of: route.parameters)
    } catch {
      return .response(AdminAnswer.problem(.badRequest, error.description))
    }
    if let node, route.namesEdge {
      guard let edge = view().status.edges.first(where: { $0.record.node == node }) else {
        return .response(AdminAnswer.problem(.notFound, "There is no edge \(node)."))
      }
      guard route.endpoint != .edge else { return .response(.json(view().json(of: edge))) }
      return deed(route.endpoint, of: edge, arguments)
    }
    return answer(route.endpoint, arguments, hasRoom: request.hasRoom, view)
  }

  /// Whether the body is JSON. An empty body needs no type. Parameters such as a charset are accepted, because JSON
  /// is always UTF-8 (RFC 8259 §8.1).
  private static func isJSON(_ request: Request) -> Bool {
    let values = request.head.values(of: "content-type")
    if values.isEmpty { return request.body.isEmpty }
    guard values.count == 1 else { return false }
    // By bytes, because a character that Unicode treats as equivalent to the semicolon ends no media type.
    let type = String(decoding: values[0].utf8.prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self).lowercased()
    return type == "application/json" || type == "application/json "
  }

  private static func answer(
    _ endpoint: AdminEndpoint, _ arguments: AdminArguments, hasRoom: Bool, _ view: () -> AdminView
  ) -> AdminAnswer {
    switch endpoint {
    case .status: .response(.json(view().status.json))
    case .events: watch(hasRoom: hasRoom, view)
    case .edges: .response(.json(view().edgesJSON))
    case .streams: .response(.json(view().streamsJSON))
    case .ledger: .response(.json(view().ledgerJSON))
    case .configuration: .response(.json(view().settingsJSON))
    case .version: .response(.json(view().versionJSON))
    case .document: .response(.json(AdminDocument.json))
    case .rebalanceState: .response(.json(view().rebalance.json))
    case .health: .response(.line(.ok, "OK"))
    case .readiness: .response(readiness(view().status))
    case .metrics: .response(.metrics(view().status.metrics))
    case .beginRebalance: .perform(.rebalance(rate: arguments.count("rate") ?? 200))
    case .endRebalance: .perform(.rebalance(rate: 0))
    case .setLogLevel: .perform(.setLogLevel(arguments["level"] ?? ""))
    case .reload: .perform(.reload)
    case .edge, .connections, .drain, .undrain, .shed, .closeClients, .setEdgeLogLevel, .reloadEdge,
      .forgetEdge:
      preconditionFailure("a route to one edge without a name in it")
    }
  }

  private static func deed(
    _ endpoint: AdminEndpoint, of edge: HubStatus.Edge, _ arguments: AdminArguments
  ) -> AdminAnswer {
    func command(
      _ verb: Command.Verb, _ argument: String = "", withoutNewWords older: String? = nil
    ) -> AdminAnswer {
      .perform(
        .command(
          EdgeCommand(
            node: edge.record.node, verb: verb, argument: argument, olderArgument: older ?? argument)))
    }
    switch endpoint {
    case .connections:
      let offset = arguments.count("offset") ?? 0
      return command(.listConnections, "offset=\(offset) limit=\(arguments.count("limit") ?? 100)")
    case .drain:
      return command(
        .drain, arguments.commandArgument(["window", "announce"]),
        withoutNewWords: arguments.commandArgument(["window"]))
    case .undrain: return command(.undrain)
    case .shed:
      let percent = arguments.count("percent") ?? 0
      let clients = arguments.count("clients") ?? (edge.record.clientCount * percent + 99) / 100
      guard clients > 0 else {
        return .response(AdminAnswer.problem(.conflict, "\(edge.record.node) has no clients to release."))
      }
      return command(.shed, "clients=\(clients) window=\(arguments.count("window") ?? 10)")
    case .closeClients:
      return command(.closeClients, arguments.commandArgument(["address", "stream"]))
    case .setEdgeLogLevel: return command(.setLogLevel, arguments.commandArgument(["level"]))
    case .reloadEdge: return command(.reload)
    case .forgetEdge: return .perform(.forget(edge.record.node))
    default: preconditionFailure("no route to one edge")
    }
  }

  private static func watch(hasRoom: Bool, _ view: () -> AdminView) -> AdminAnswer {
    // A refusal ends an EventSource for good; the dashboard then polls the status, as any client can.
    guard hasRoom else {
      return .response(
        AdminAnswer.problem(
          .serviceUnavailable, "There are enough watchers already; request /admin/status.json instead."))
    }
    return .watch(beginning: StatusStream.beginning + StatusStream.event(view().status))
  }

  private static func readiness(_ status: HubStatus) -> Response {
    if status.isReady { return .line(.ok, "OK") }
    return switch status.health {
    case .draining: .line(.serviceUnavailable, "draining")
    case .interrupted: .line(.serviceUnavailable, "no messages come from Redis")
    case .ok where !status.operation.isLinkCertificateValid:
      .line(.serviceUnavailable, "the certificate of the link is not valid now; the log says why")
    case .ok: .line(.serviceUnavailable, "the totals are not known yet")
    }
  }
}
