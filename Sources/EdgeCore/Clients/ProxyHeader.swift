/// What a proxy says about a connection, in front of its first byte (PROXY protocol, haproxy's proxy-protocol.txt).
public enum ProxyHeader: Equatable, Sendable {
  /// The proxy forwards a client that came from there.
  case source(NetworkAddress, port: UInt16)
  /// The proxy made the connection for itself, to check whether we are well. The peer's own address counts.
  case local
  /// The proxy forwards somebody whose network address it cannot tell, such as the client of a unix socket. The peer's
  /// own address counts.
  case unknown
}

/// Why a connection is refused that should begin with a PROXY header. Nothing is answered: there is no telling what the
/// peer would understand.
public enum ProxyHeaderError: String, Error, Equatable, Sendable, CaseIterable {
  /// It begins like neither version: a client that came around the proxy, or a proxy that is not told to send it.
  case missing
  case lineTooLong
  case bareLineEnd
  case malformedLine
  case malformedAddress
  case malformedPort
  case unknownVersion
  case unknownCommand
  case unknownFamily
  case unknownTransport
  case headerTooLong
  case addressesTruncated

  /// What was wrong, and the limit, for the operator. It quotes nothing of what was received.
  public var explanation: StaticString {
    switch self {
    case .missing: "The connection does not begin with a PROXY header, which this listener requires."
    case .lineTooLong: "The PROXY line is longer than 107 bytes."
    case .bareLineEnd: "The PROXY line does not end in CR LF."
    case .malformedLine: "The PROXY line is not 'PROXY', TCP4, TCP6 or UNKNOWN, two addresses and two ports."
    case .malformedAddress: "An address in the PROXY line is not one of the family that it names."
    case .malformedPort: "A port in the PROXY line is not a number from 0 to 65535."
    case .unknownVersion: "The version of the binary PROXY header is not 2."
    case .unknownCommand: "The command of the PROXY header is neither LOCAL nor PROXY."
    case .unknownFamily: "The address family of the PROXY header is none of the protocol's."
    case .unknownTransport: "The transport of the PROXY header is none of the protocol's."
    case .headerTooLong: "The PROXY header is longer than 4096 bytes."
    case .addressesTruncated: "The PROXY header is shorter than the addresses of its family."
    }
  }
}
