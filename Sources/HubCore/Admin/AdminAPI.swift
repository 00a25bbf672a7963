import HTTP

/// The hub's pages for operators and their tools: everything is read, nothing can be changed.
///
/// It has no access control of its own: it is meant for a loopback address.
public enum AdminAPI {
  private enum Page: String, CaseIterable {
    case status = "admin/status.json"
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
  /// - Parameter status: makes the status, which is worth the work only for some pages.
  public static func response(to head: RequestHead, status: () -> HubStatus) -> Response {
    guard let page = Page.allCases.first(where: { $0.isAt(head.target) }) else {
      return .line(.notFound, "not found")
    }
    guard head.method == .get || head.method == .head else {
      return .line(.methodNotAllowed, "method not allowed", fields: [ResponseField("Allow", "GET, HEAD")])
    }
    return switch page {
    case .status: .json(status().json)
    case .health: .line(.ok, "OK")
    case .readiness: readiness(status())
    case .metrics: .metrics(status().metrics)
    }
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
