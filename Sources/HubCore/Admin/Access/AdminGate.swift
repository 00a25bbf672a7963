import HTTP
import PlantedFaults
import Primitives

/// Decides which callers are let in, and with which role.
///
/// - Over a loopback address or a unix socket every caller is an operator, because it runs on this machine. But a
///   browser on this machine may act for another site's page. So a changing request from another site is refused, and
///   so is any request for a host that is not this hub: its owner may have pointed the name at 127.0.0.1 (DNS
///   rebinding).
/// - On `status.listen` every caller gets the open routes, which are for probes and Prometheus, and nothing else.
/// - Over TLS a client certificate of our authority for clients is accepted, or a bearer token. A caller with neither
///   learns nothing, not even which paths exist, and is slowed down. It gets the files of the dashboard only, because
///   they ask for a token.
package struct AdminGate: Sendable {
  /// The decision about a request.
  package enum Verdict: Equatable, Sendable {
    /// The caller is let in.
    case granted(AdminCaller)
    /// The caller is refused.
    case refused(AdminRefusal)
  }

  /// The tokens in force.
  package var tokens: AdminTokens
  /// Names, or organizational units as `OU=name`, of the client certificates that may only read.
  private let readers: [String]
  /// The host names of this hub, in lower case.
  private var hostNames: Set<String> = []
  private var failures = FailureLimiter()

  /// - Parameters:
  ///   - tokens: the tokens in force.
  ///   - readers: DNS names, or `OU=name`, of the client certificates that may only read; all others may act.
  ///   - hostNames: the hub's names that a `Host` may contain, in addition to addresses and `localhost`.
  package init(tokens: AdminTokens, readers: [String], hostNames: [String]) {
    self.tokens = tokens
    self.readers = readers
    setHostNames(hostNames)
  }

  /// Changes the host names of this hub.
  package mutating func setHostNames(_ names: [String]) {
    hostNames = Set(names.map { $0.lowercased() })
  }

  /// Decides about one request.
  ///
  /// - Parameter isOpen: whether the answer may go to any client on a loopback address, whatever `Host` it names, and
  ///   to any client of `status.listen`.
  mutating func judge(_ head: RequestHead, isOpen: Bool, from peer: AdminPeer, now: Instant) -> Verdict {
    switch peer.door {
    case .loopback, .unixSocket:
      let isForUs = RequestOrigin(head, isSecure: false).isForHost(hostNames)
      guard isForUs || isOpen || peer.door == .unixSocket else { return .refused(.foreignHost) }
      return changing(
        head, isSecure: false, AdminCaller(role: .operator, name: "local", address: peer.address))
    case .status:
      guard isOpen else { return .refused(.statusOnly) }
      return .granted(AdminCaller(role: .reader, name: "status", address: peer.address))
    case .secure(let certificate?):
      let caller = AdminCaller(
        role: role(of: certificate), name: "certificate \(certificate.holder)", address: peer.address)
      return changing(head, isSecure: true, caller)
    case .secure(nil):
      // Before the token is compared, because the answer must not show whether it was right.
      guard !failures.isExhausted(peer.network, now: now) else { return .refused(.slowedDown) }
      guard let holder = Self.bearerToken(of: head).flatMap(tokens.holder(of:)) else {
        if !planted(.failuresUncounted) { failures.failed(peer.network, now: now) }
        return .refused(.unknown)
      }
      let caller = AdminCaller(role: holder.role, name: "token \(holder.name)", address: peer.address)
      return changing(head, isSecure: true, caller)
    }
  }

  /// Lets the caller in, unless the request changes something and comes from another site's page.
  private func changing(_ head: RequestHead, isSecure: Bool, _ caller: AdminCaller) -> Verdict {
    if head.method == .get || head.method == .head { return .granted(caller) }
    return RequestOrigin(head, isSecure: isSecure).isSameSite ? .granted(caller) : .refused(.foreignSite)
  }

  private func role(of certificate: AdminPeer.Certificate) -> AdminRole {
    let units = DistinguishedName.values(of: "OU", in: certificate.subject).map { "OU=\($0)" }
    return (certificate.names + units).contains(where: readers.contains) ? .reader : .operator
  }

  /// The token of `Authorization: Bearer TOKEN`; nil unless there is exactly one such field.
  private static func bearerToken(of head: RequestHead) -> [UInt8]? {
    let values = head.values(of: "authorization")
    guard values.count == 1 else { return nil }
    let words = values[0].utf8.split(separator: UInt8(ascii: " "))
    guard words.count == 2, String(decoding: words[0], as: UTF8.self).lowercased() == "bearer" else {
      return nil
    }
    return Array(words[1])
  }
}

/// Why a request was refused.
package enum AdminRefusal: String, Equatable, Sendable, CaseIterable {
  /// The token is missing or wrong.
  case unknown
  /// There were too many wrong tokens from this network.
  case slowedDown
  /// The request is for a host that is not this hub.
  case foreignHost
  /// The request changes something, and comes from another site's page.
  case foreignSite
  /// The request changes something, and the caller may only read.
  case readerOnly
  /// The request is not for one of the routes of `status.listen`.
  case statusOnly

  /// The answer to the request.
  var response: Response {
    switch self {
    case .unknown:
      AdminAnswer.problem(
        .unauthorized, "A bearer token or a client certificate is needed.",
        fields: [ResponseField("WWW-Authenticate", "Bearer")])
    case .slowedDown:
      AdminAnswer.problem(
        .tooManyRequests, "Too many wrong attempts; try again in a second.",
        fields: [ResponseField("Retry-After", "1")])
    case .foreignHost:
      AdminAnswer.problem(.forbidden, "The Host of the request is not a name of this hub.")
    case .foreignSite:
      AdminAnswer.problem(.forbidden, "Another site's page can change nothing here.")
    case .readerOnly:
      AdminAnswer.problem(.forbidden, "A reader can change nothing.")
    case .statusOnly:
      AdminAnswer.problem(.notFound, "Only /healthz, /readyz and /metrics are served here.")
    }
  }
}
