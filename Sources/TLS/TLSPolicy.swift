import COpenSSL

/// What a context demands of its sessions and their peers. Below are the three that the project uses.
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

  /// The one application protocol (RFC 7301) that both sides must name; nil if none is negotiated.
  package var applicationProtocol: String?

  /// True if both certificates must name their purpose: `serverAuth` and `clientAuth`. Otherwise a server's
  /// certificate may leave its purpose open (RFC 5280 lets it), as that of many a private Redis does.
  package var demandsPurpose: Bool

  /// A policy; the project's own are the static ones.
  package init(role: Role, minimumVersion: Version, applicationProtocol: String?, demandsPurpose: Bool) {
    self.role = role
    self.minimumVersion = minimumVersion
    self.applicationProtocol = applicationProtocol
    self.demandsPurpose = demandsPurpose
  }

  /// The hub's side of the link.
  package static func linkServer(alpn: String) -> TLSPolicy {
    TLSPolicy(role: .server, minimumVersion: .tls13, applicationProtocol: alpn, demandsPurpose: true)
  }

  /// The edge's side of the link.
  package static func linkClient(alpn: String) -> TLSPolicy {
    TLSPolicy(role: .client, minimumVersion: .tls13, applicationProtocol: alpn, demandsPurpose: true)
  }

  /// A client of someone else's server.
  package static let client = TLSPolicy(
    role: .client, minimumVersion: .tls12, applicationProtocol: nil, demandsPurpose: false)
}

extension TLSPolicy.Role {
  var ownPurpose: Certificate.Purposes { self == .server ? .server : .client }
  var ownPurposeName: String { self == .server ? "serverAuth" : "clientAuth" }
  var peerPurpose: Certificate.Purposes { self == .server ? .client : .server }
  var peerPurposeName: String { self == .server ? "clientAuth" : "serverAuth" }
}
