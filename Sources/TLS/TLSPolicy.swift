import COpenSSL

/// What a context demands of its sessions and their peers. Below are those that the project uses.
package struct TLSPolicy: Hashable, Sendable {
  /// The side of the handshake that we are on.
  package enum Role: Hashable, Sendable {
    /// We were connected to.
    case server
    /// We connect.
    case client
  }

  /// A version of TLS.
  package enum Version: String, Hashable, Sendable, CustomStringConvertible {
    /// TLS 1.2, RFC 5246.
    case tls12 = "TLS 1.2"
    /// TLS 1.3, RFC 8446.
    case tls13 = "TLS 1.3"

    /// The name as people write it.
    package var description: String { rawValue }

    var number: Int32 { self == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION }
  }

  /// The side that we are on.
  package var role: Role

  /// The oldest version that is spoken.
  package var minimumVersion: Version

  /// The newest version that is spoken.
  package var maximumVersion = Version.tls13

  /// The application protocols (RFC 7301) that we speak, the best first; empty if none is negotiated. A peer
  /// that names others alone is refused.
  package var applicationProtocols: [String]

  /// True if a peer that names no application protocol at all is refused too.
  package var demandsProtocol: Bool

  /// True if the peer must show a certificate that an authority of ours signed.
  package var demandsCertificate = true

  /// True if a peer that shows no certificate is let in as well; one that shows a bad one never is.
  package var acceptsNoCertificate = false

  /// True if both certificates must name their purpose: `serverAuth` and `clientAuth`. Otherwise a server's
  /// certificate may leave its purpose open (RFC 5280 lets it), as that of many a private Redis does.
  package var demandsPurpose: Bool

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

  /// A client of someone else's server.
  package static let client = TLSPolicy(
    role: .client, minimumVersion: .tls12, applicationProtocols: [], demandsPurpose: false)

  /// An edge's side towards its clients, who are anybody.
  package static func server(alpn: [String]) -> TLSPolicy {
    var policy = TLSPolicy(
      role: .server, minimumVersion: .tls12, applicationProtocols: alpn, demandsPurpose: false)
    policy.demandsProtocol = false
    policy.demandsCertificate = false
    return policy
  }

  /// A hub's side towards those who run it.
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
