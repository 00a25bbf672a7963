/// What a caller of the admin API may do.
package enum AdminRole: String, Equatable, Sendable, CaseIterable, Comparable {
  /// Sees everything, changes nothing.
  case reader
  /// May change things too.
  case `operator`

  /// The operator is the greater role.
  package static func < (left: AdminRole, right: AdminRole) -> Bool {
    left == .reader && right == .operator
  }
}

/// A caller that was let in, as the log's audit lines name it.
package struct AdminCaller: Equatable, Sendable {
  /// The caller's role.
  package let role: AdminRole
  /// The caller's name: `local`, `token NAME` or `certificate NAME`.
  package let name: String
  /// The caller's address, without the port.
  package let address: String

  /// A caller.
  package init(role: AdminRole, name: String, address: String) {
    self.role = role
    self.name = name
    self.address = address
  }
}

/// The two ends of a connection to the admin API, before any request.
package struct AdminPeer: Equatable, Sendable {
  /// The contents of a client's certificate, which our authority for clients has signed.
  package struct Certificate: Equatable, Sendable {
    /// The DNS names among the alternative names.
    package let names: [String]
    /// The subject in the form of RFC 2253.
    package let subject: String

    /// A certificate.
    package init(names: [String], subject: String) {
      self.names = names
      self.subject = subject
    }

    /// The first name, or the subject if it has none.
    var holder: String { names.first ?? subject }
  }

  /// The kind of listener that accepted a connection.
  package enum Door: Equatable, Sendable {
    /// A plain connection over a loopback address.
    case loopback
    /// A plain connection over a unix socket, which no browser can reach.
    case unixSocket
    /// A TLS connection, with the client's certificate if there is one.
    case secure(Certificate?)
    /// A plain connection to `status.listen`, from any machine.
    case status
  }

  /// The kind of listener that accepted the connection.
  package let door: Door
  /// The peer's address, without the port.
  package let address: String
  /// The key for counting failures: the peer's IPv4 address, or the first 64 bits of its IPv6 address.
  package let network: [UInt8]

  /// A peer.
  package init(door: Door, address: String, network: [UInt8]) {
    self.door = door
    self.address = address
    self.network = network
  }
}
