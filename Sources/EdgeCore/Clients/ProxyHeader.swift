/// What a proxy sends about a connection, in front of its first byte (PROXY protocol, haproxy's proxy-protocol.txt).
package enum ProxyHeader: Equatable, Sendable {
  /// The proxy forwards a client with this address.
  case source(NetworkAddress, port: UInt16)
  /// The proxy opened the connection itself, for a health check. The peer's own address counts.
  case local
  /// The proxy forwards a client without a known network address, such as one on a unix socket. The peer's own
  /// address counts.
  case unknown
}

/// Why a connection without a valid PROXY header is closed. It gets no answer, because the peer's protocol is
/// unknown.
package enum ProxyHeaderError: String, Error, Equatable, Sendable, CaseIterable {
  /// The bytes fit neither version: the client bypassed the proxy, or the proxy is not configured to send the header.
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

  /// What was wrong, and the limit, for the operator. It quotes no received bytes.
  package var explanation: StaticString {
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
