/// The URL of a resource on an HTTP server.
package struct HTTPURL: Equatable, Sendable, CustomStringConvertible {
  /// True for `https`.
  package let isSecure: Bool
  /// The host and the port; the scheme's default port if none is given.
  package let address: HostPort
  /// The path, at least `/`, with its query.
  package let path: String

  /// Parses a URL such as `https://otlp.example:4318/v1/metrics`.
  ///
  /// - Throws: `MalformedText` if it is invalid, or contains a user or a password.
  package init(parsing text: String) throws(MalformedText) {
    let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == "http" || parts[0] == "https" else {
      throw MalformedText("begins with neither http:// nor https://")
    }
    isSecure = parts[0] == "https"
    let authority = parts[1].prefix { $0 != "/" }
    let rest = parts[1].dropFirst(authority.count)
    // The text becomes part of a request: it must not end the line.
    guard !authority.contains("@"), rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw MalformedText("contains a user, or characters that are not allowed in a URL")
    }
    path = rest.isEmpty ? "/" : String(rest)
    // A colon within brackets belongs to the address.
    let hasPort = authority.drop { authority.first == "[" && $0 != "]" }.contains(":")
    address = try HostPort(parsing: hasPort ? String(authority) : "\(authority):\(isSecure ? 443 : 80)")
  }

  /// The URL, always with its port.
  package var description: String { "\(isSecure ? "https" : "http")://\(address)\(path)" }
}

/// A header field of a request.
package struct HTTPField: Equatable, Sendable {
  /// Its name.
  package let name: String
  /// Its value.
  package let value: String

  /// A field; neither the name nor the value may contain a line break.
  package init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}
