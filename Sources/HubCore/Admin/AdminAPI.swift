import HTTP
import Pages

/// What is to be done about a request of the admin API.
public enum AdminAnswer: Equatable, Sendable {
  /// Answer it, and go on with the next one.
  case response(Response)
  /// Write what a stream of the status begins with, and then the status each second (``StatusStream``).
  case watch(beginning: [UInt8])
}

/// The hub's pages for operators and their tools: everything is read, nothing can be changed.
///
/// It has no access control of its own: it is meant for a loopback address.
public enum AdminAPI {
  private enum Page: String, CaseIterable {
    case status = "admin/status.json"
    case events = "admin/events"
    case health = "healthz"
    case readiness = "readyz"
    case metrics = "metrics"

    func isAt(_ target: RequestTarget) -> Bool {
      let segments = rawValue.utf8.split(separator: UInt8(ascii: "/"))
      return target.segments.elementsEqual(segments) { $0.elementsEqual($1) }
    }
  }

  /// The answer to a request.
  ///
  /// - Parameters:
  ///   - hasRoom: whether one more may watch the status.
  ///   - status: makes the status, which is worth the work only for some pages.
  public static func answer(to head: RequestHead, hasRoom: Bool, status: () -> HubStatus) -> AdminAnswer {
    if let file = WebSite.dashboard.file(at: head.target.segments) {
      return .response(refusal(of: head) ?? file.response)
    }
    guard let page = Page.allCases.first(where: { $0.isAt(head.target) }) else {
      return .response(.line(.notFound, "not found"))
    }
    if let refusal = refusal(of: head) { return .response(refusal) }
    return switch page {
    case .status: .response(.json(status().json))
    case .events: watch(head, hasRoom: hasRoom, status)
    case .health: .response(.line(.ok, "OK"))
    case .readiness: .response(readiness(status()))
    case .metrics: .response(.metrics(status().metrics))
    }
  }

  private static func refusal(of head: RequestHead) -> Response? {
    if head.method == .get || head.method == .head { return nil }
    return .line(.methodNotAllowed, "method not allowed", fields: [ResponseField("Allow", "GET, HEAD")])
  }

  private static func watch(_ head: RequestHead, hasRoom: Bool, _ status: () -> HubStatus) -> AdminAnswer {
    guard head.method == .get else {
      return .response(
        .line(.methodNotAllowed, "method not allowed", fields: [ResponseField("Allow", "GET")]))
    }
    // It ends an EventSource for good; our page then asks for the status now and then, as anybody can.
    guard hasRoom else {
      return .response(.line(.serviceUnavailable, "enough watch already; ask for /admin/status.json"))
    }
    return .watch(beginning: StatusStream.beginning + StatusStream.event(status()))
  }

  private static func readiness(_ status: HubStatus) -> Response {
    if status.isReady { return .line(.ok, "OK") }
    return switch status.health {
    case .draining: .line(.serviceUnavailable, "draining")
    case .interrupted: .line(.serviceUnavailable, "no messages come from Redis")
    case .ok: .line(.serviceUnavailable, "the totals are not known yet")
    }
  }
}
