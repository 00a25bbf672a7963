import HTTP
import Pages
import Wire

/// A page whose content depends on the state of the edge.
package enum Page: Equatable, Sendable {
  /// `/admin/status.json`
  case status
  /// `/healthz`: the process is alive.
  case health
  /// `/readyz`: the edge can accept clients.
  case readiness
  /// `/metrics`
  case metrics
}

/// The part of a query that is not understood.
package enum BadQuery: Error, Equatable, Sendable {
  /// `hz` is not a whole number from 1 to 60.
  case rate
  /// `resume` is neither 1 nor 0.
  case resume
  /// `snapshot` is neither 1 nor 0.
  case snapshot
  /// `backfill` is not a whole number from 1 to 10.
  case backfill
  /// `client` is not a ``ClientKey``.
  case client

  /// The fault and the allowed values, as a text for the client.
  var explanation: StaticString {
    switch self {
    case .rate: "hz must be a whole number from 1 to 60."
    case .resume: "resume must be 1 or 0."
    case .snapshot: "snapshot must be 1 or 0."
    case .backfill: "backfill must be a whole number from 1 to 10."
    case .client: "client must be 16 to 64 letters, digits, - or _."
    }
  }
}

/// How a request is handled.
package enum Route: Equatable, Sendable {
  /// GET of a stream.
  case stream(Subscription)
  /// HEAD of a stream: the same head, no subscription.
  case streamHead
  /// GET or HEAD of a page.
  case page(Page)
  /// GET or HEAD of `/`, or of a file that the viewer there uses.
  case file(WebFile)
  /// POST that closes the caller's own streams. Without a key, the edge cannot tell which those are.
  case cleanup(CleanupScope, ClientKey?)
  /// OPTIONS of anything that exists, or of the server as a whole.
  case preflight(AllowedMethods)
  /// A method that is not allowed for something that exists.
  case methodNotAllowed(AllowedMethods)
  /// Part of the query is not understood.
  case badQuery(BadQuery)
  /// Nothing exists at this path.
  case notFound
}

/// The methods of a path.
package enum AllowedMethods: Equatable, Sendable {
  /// GET and HEAD.
  case reading
  /// POST.
  case acting
}

/// Which optional paths the operator offers.
package struct OfferedStreams: Equatable, Sendable {
  /// Whether `/subscribe/details` exists.
  package let allDetails: Bool
  /// Whether `/subscribe/kiosk_interaction` exists.
  package let interaction: Bool
  /// Whether there is anything other than the pages (``Page``).
  package let streams: Bool

  /// By default, no optional path is offered.
  package init(allDetails: Bool = false, interaction: Bool = false, streams: Bool = true) {
    self.allDetails = allDetails
    self.interaction = interaction
    self.streams = streams
  }

  /// The pages only.
  package static let statusAlone = OfferedStreams(streams: false)
}

/// Finds the route of a request. Paths are compared byte by byte: another case or a trailing slash makes another
/// path.
package enum Router {
  private enum Resource {
    case stream(StreamKind)
    case page(Page)
    case file(WebFile)
    case cleanup(CleanupScope)

    var isMetrics: Bool { if case .page(.metrics) = self { true } else { false } }
  }

  private static let cleanup = segments("subscribe", "cleanup", "details")
  private static let details = segments("subscribe", "details")
  private static let fixed: [[[UInt8]]: Resource] = [
    segments("subscribe", "raw"): .stream(.raw),
    segments("subscribe", "eps"): .stream(.eps(.full)),
    segments("subscribe", "kiosk_interaction"): .stream(.interaction),
    segments("subscribe", "cleanup", "scores"): .cleanup(.scores),
    segments("admin", "status.json"): .page(.status),
    segments("healthz"): .page(.health),
    segments("readyz"): .page(.readiness),
    segments("metrics"): .page(.metrics),
  ]

  /// The route of a request. Parts of the query that do not concern streams are ignored.
  package static func route(_ head: RequestHead, offers: OfferedStreams) -> Route {
    let segments = head.target.segments
    if segments.isEmpty { return .preflight(.reading) }
    guard let resource = resource(at: segments, offers) else { return .notFound }
    if case .cleanup(let scope) = resource { return route(head, to: scope) }
    return switch (head.method, resource) {
    case (.get, .stream(let kind)), (.head, .stream(let kind)): stream(of: kind, head)
    case (.get, .page(let page)), (.head, .page(let page)): .page(page)
    case (.get, .file(let file)), (.head, .file(let file)): .file(file)
    case (.options, _): .preflight(.reading)
    default: .methodNotAllowed(.reading)
    }
  }

  /// Whether pages of other sites may read the answer of a path.
  static func isShared(_ target: RequestTarget) -> Bool { fixed[target.segments]?.isMetrics != true }

  private static func route(_ head: RequestHead, to scope: CleanupScope) -> Route {
    switch head.method {
    case .post:
      isKeyGood(in: head.target) ? .cleanup(scope, head.target.clientKey) : .badQuery(.client)
    case .options: .preflight(.acting)
    default: .methodNotAllowed(.acting)
    }
  }

  private static func isKeyGood(in target: RequestTarget) -> Bool {
    target.queryValue(named: "client") == nil || target.clientKey != nil
  }

  /// HEAD is refused for the same reasons as GET (RFC 9110 §9.3.2).
  private static func stream(of kind: StreamKind, _ head: RequestHead) -> Route {
    guard isKeyGood(in: head.target) else { return .badQuery(.client) }
    do throws(BadQuery) {
      let subscription = try StreamQuery(head).subscription(to: kind)
      return head.method == .head ? .streamHead : .stream(subscription)
    } catch {
      return .badQuery(error)
    }
  }

  private static func resource(at segments: [[UInt8]], _ offers: OfferedStreams) -> Resource? {
    if let resource = fixed[segments] {
      if case .page = resource { return resource }
      guard offers.streams else { return nil }
      if case .stream(.interaction) = resource, !offers.interaction { return nil }
      return resource
    }
    guard offers.streams else { return nil }
    if let file = WebSite.viewer.file(at: segments) { return .file(file) }
    if segments == details { return offers.allDetails ? .stream(.allDetails) : nil }
    guard let id = segments.last.flatMap({ TopicID($0) }) else { return nil }
    if segments.dropLast() == details[...] { return .stream(.details(id)) }
    return segments.dropLast() == cleanup[...] ? .cleanup(.details(id)) : nil
  }

  private static func segments(_ names: String...) -> [[UInt8]] { names.map { Array($0.utf8) } }
}

extension RequestTarget {
  /// The client's key; nil if there is none, or it is malformed.
  package var clientKey: ClientKey? { queryValue(named: "client").flatMap { ClientKey($0) } }
}
