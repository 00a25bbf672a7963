import HTTP
import Pages
import Wire

/// A page whose content depends on the state of the edge.
public enum Page: Equatable, Sendable {
  /// `/admin/status.json`
  case status
  /// `/healthz`: the process is alive.
  case health
  /// `/readyz`: fit to receive clients.
  case readiness
  /// `/metrics`
  case metrics
}

/// What of a query can not be understood.
public enum BadQuery: Error, Equatable, Sendable {
  /// `hz` is not a whole number from 1 to 60.
  case rate
  /// `resume` is neither 1 nor 0.
  case resume
  /// `snapshot` is neither 1 nor 0.
  case snapshot
  /// `backfill` is not a whole number from 1 to 10.
  case backfill

  /// What is wrong and what is allowed, for the client.
  var explanation: StaticString {
    switch self {
    case .rate: "hz must be a whole number from 1 to 60."
    case .resume: "resume must be 1 or 0."
    case .snapshot: "snapshot must be 1 or 0."
    case .backfill: "backfill must be a whole number from 1 to 10."
    }
  }
}

/// What is to be done about a request.
public enum Route: Equatable, Sendable {
  /// GET of a stream.
  case stream(Subscription)
  /// HEAD of a stream: the same head, no subscription.
  case streamHead
  /// GET or HEAD of a page.
  case page(Page)
  /// GET or HEAD of `/`, or of what the viewer there is made of.
  case file(WebFile)
  /// OPTIONS of anything that exists, or of the server as a whole.
  case preflight
  /// Another method on something that exists.
  case methodNotAllowed
  /// Something in the query can not be understood.
  case badQuery(BadQuery)
  /// Nothing is there.
  case notFound
}

/// Finds what a request is for. Paths are compared byte by byte: another case or a slash at the end is another path.
public enum Router {
  private enum Resource {
    case stream(StreamKind)
    case page(Page)
    case file(WebFile)
  }

  private static let details = segments("subscribe", "details")
  private static let fixed: [[[UInt8]]: Resource] = [
    segments("subscribe", "raw"): .stream(.raw),
    segments("subscribe", "eps"): .stream(.eps(.full)),
    segments("admin", "status.json"): .page(.status),
    segments("healthz"): .page(.health),
    segments("readyz"): .page(.readiness),
    segments("metrics"): .page(.metrics),
  ]

  /// The route of a request. What of the query does not concern a stream is not looked at.
  ///
  /// - Parameter offersAllDetails: whether `/subscribe/details` exists.
  public static func route(_ head: RequestHead, offersAllDetails: Bool) -> Route {
    let segments = head.target.segments
    if segments.isEmpty { return .preflight }
    guard let resource = resource(at: segments, offersAllDetails: offersAllDetails) else { return .notFound }
    return switch (head.method, resource) {
    case (.get, .stream(let kind)): subscription(to: kind, head)
    case (.head, .stream): .streamHead
    case (.get, .page(let page)), (.head, .page(let page)): .page(page)
    case (.get, .file(let file)), (.head, .file(let file)): .file(file)
    case (.options, _): .preflight
    case (.post, _), (.delete, _), (.other, _): .methodNotAllowed
    }
  }

  private static func subscription(to kind: StreamKind, _ head: RequestHead) -> Route {
    do throws(BadQuery) {
      return .stream(try StreamQuery(head).subscription(to: kind))
    } catch {
      return .badQuery(error)
    }
  }

  private static func resource(at segments: [[UInt8]], offersAllDetails: Bool) -> Resource? {
    if let resource = fixed[segments] { return resource }
    if let file = WebSite.viewer.file(at: segments) { return .file(file) }
    guard segments.starts(with: details) else { return nil }
    if segments.count == 2 { return offersAllDetails ? .stream(.allDetails) : nil }
    guard segments.count == 3, let id = TopicID(segments[2]) else { return nil }
    return .stream(.details(id))
  }

  private static func segments(_ names: String...) -> [[UInt8]] { names.map { Array($0.utf8) } }
}
