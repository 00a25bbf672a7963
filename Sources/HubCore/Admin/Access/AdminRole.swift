/// What somebody may do with the admin API.
public enum AdminRole: String, Equatable, Sendable, CaseIterable, Comparable {
  /// See everything, change nothing.
  case reader
  /// Change things too.
  case `operator`

  /// The operator is the greater one.
  public static func < (left: AdminRole, right: AdminRole) -> Bool {
    left == .reader && right == .operator
  }
}

/// Somebody who was let in, as the audit lines of the log name him.
public struct AdminCaller: Equatable, Sendable {
  /// What he may do.
  public let role: AdminRole
  /// By what he was let in: `local`, `token NAME` or `certificate NAME`.
  public let name: String
  /// Where he is, without the port.
  public let address: String

  /// A caller.
  public init(role: AdminRole, name: String, address: String) {
    self.role = role
    self.name = name
    self.address = address
  }
}

/// The two ends of a connection to the admin API, before anything was asked on it.
public struct AdminPeer: Equatable, Sendable {
  /// What a client's certificate says, once our authority for clients has been found under it.
  public struct Certificate: Equatable, Sendable {
    /// The DNS names among its alternative names.
    public let names: [String]
    /// Its subject in the form of RFC 2253.
    public let subject: String

    /// A certificate.
    public init(names: [String], subject: String) {
      self.names = names
      self.subject = subject
    }

    /// The first name, or the subject if it has none.
    var holder: String { names.first ?? subject }
  }

  /// How the connection came in.
  public enum Door: Equatable, Sendable {
    /// In the clear, over a loopback address.
    case loopback
    /// In the clear, over a unix socket, which no browser can reach.
    case unixSocket
    /// Within TLS, perhaps with a certificate.
    case secure(Certificate?)
  }

  /// How the connection came in.
  public let door: Door
  /// Where the peer is, without the port.
  public let address: String
  /// What failures are counted by: the peer's IPv4 address, or the first 64 bits of its IPv6 address.
  public let network: [UInt8]

  /// A peer.
  public init(door: Door, address: String, network: [UInt8]) {
    self.door = door
    self.address = address
    self.network = network
  }
}
