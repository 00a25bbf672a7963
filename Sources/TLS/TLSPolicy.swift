import COpenSSL

/// The requirements of a context for its sessions and their peers. The policies of the project are below.
package struct TLSPolicy: Hashable, Sendable {
  /// The side of the handshake.
  package enum Role: Hashable, Sendable {
    /// Accepts connections.
    case server
    /// Connects.
    case client
  }

  /// A version of TLS.
  package enum Version: String, Hashable, Sendable, CustomStringConvertible {
    /// TLS 1.2, RFC 5246.
    case tls12 = "TLS 1.2"
    /// TLS 1.3, RFC 8446.
    case tls13 = "TLS 1.3"

    /// The usual name.
    package var description: String { rawValue }

    var number: Int32 { self == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION }
  }

  /// The own side of the handshake.
  package var role: Role

  /// The oldest version that is accepted.
  package var minimumVersion: Version

  /// The newest version that is accepted.
  package var maximumVersion = Version.tls13

  /// The application protocols (RFC 7301), the best first; empty if none is negotiated. A peer that names only others
  /// is refused.
  package var applicationProtocols: [String]

  /// True if a peer that names no application protocol is refused too.
  package var demandsProtocol: Bool

  /// True if the peer must present a certificate signed by the trusted authority.
  package var demandsCertificate = true

  /// True if a peer without a certificate is accepted as well; a peer with a bad one never is.
  package var acceptsNoCertificate = false

  /// True if both certificates must name their purpose: `serverAuth` and `clientAuth`. Otherwise a server's
  /// certificate may leave its purpose open (RFC 5280 permits it), as many certificates of private Redis servers do.
  package var demandsPurpose: Bool

  /// True if sessions may be handed over after their handshake (``TLSSession/handOver(to:)``).
  package var allowsHandOver = false

  /// A policy that demands the peer's certificate; the project's own policies are the static ones.
  ///
  /// - Parameter applicationProtocols: the peer must name one of them, unless there are none.
  package init(role: Role, minimumVersion: Version, applicationProtocols: [String], demandsPurpose: Bool) {
    self.role = role
    self.minimumVersion = minimumVersion
    self.applicationProtocols = applicationProtocols
    demandsProtocol = !applicationProtocols.isEmpty
    self.demandsPurpose = demandsPurpose
  }

  /// The hub's side of the link.
  package static func linkServer(alpn: String) -> TLSPolicy {
    TLSPolicy(role: .server, minimumVersion: .tls13, applicationProtocols: [alpn], demandsPurpose: true)
  }

  /// The edge's side of the link.
  package static func linkClient(alpn: String) -> TLSPolicy {
    TLSPolicy(role: .client, minimumVersion: .tls13, applicationProtocols: [alpn], demandsPurpose: true)
  }

  /// A client of a foreign server.
  package static func client(alpn: [String] = []) -> TLSPolicy {
    TLSPolicy(role: .client, minimumVersion: .tls12, applicationProtocols: alpn, demandsPurpose: false)
  }

  /// An edge's side towards its clients.
  package static func server(alpn: [String]) -> TLSPolicy {
    var policy = TLSPolicy(
      role: .server, minimumVersion: .tls12, applicationProtocols: alpn, demandsPurpose: false)
    policy.demandsProtocol = false
    policy.demandsCertificate = false
    policy.allowsHandOver = true
    return policy
  }

  /// A hub's side towards its operators.
  ///
  /// - Parameter knowsClients: whether there is an authority for their certificates.
  package static func adminServer(alpn: [String], knowsClients: Bool) -> TLSPolicy {
    var policy = TLSPolicy(
      role: .server, minimumVersion: .tls12, applicationProtocols: alpn, demandsPurpose: true)
    policy.demandsProtocol = false
    policy.demandsCertificate = knowsClients
    policy.acceptsNoCertificate = true
    return policy
  }
}

extension TLSPolicy.Role {
  var ownPurpose: Certificate.Purposes { self == .server ? .server : .client }
  var ownPurposeName: String { self == .server ? "serverAuth" : "clientAuth" }
  var peerPurpose: Certificate.Purposes { self == .server ? .client : .server }
  var peerPurposeName: String { self == .server ? "clientAuth" : "serverAuth" }
}
