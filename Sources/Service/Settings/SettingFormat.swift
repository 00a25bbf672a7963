import Primitives

/// The form of a setting's text, and its parser.
package struct SettingFormat<Value: Sendable>: Sendable {
  /// The placeholder of the value in the help: `--tick <duration>`.
  package let valueName: String
  /// The allowed values: a noun phrase with unit and limits, to complete `allowed is …`.
  package let allowed: String
  /// Parses a text; the description of an error continues a sentence that begins with the text.
  package let parse: @Sendable (String) throws -> Value
  /// The text with every secret in it replaced by `***`.
  package let mask: @Sendable (String) -> String
  /// Whether the text is a list, separated by commas. On the command line the flag may be repeated instead.
  package let isList: Bool

  /// - Parameters:
  ///   - valueName: the placeholder of the value in the help.
  ///   - allowed: the allowed values: a noun phrase with unit and limits.
  ///   - isList: whether the text is a list, separated by commas.
  ///   - mask: replaces every secret in a text, even in one that does not parse; by default nothing is secret.
  ///   - parse: parses a text; its errors must not repeat a secret.
  package init(
    _ valueName: String, allowed: String, isList: Bool = false,
    mask: @escaping @Sendable (String) -> String = { $0 },
    parse: @escaping @Sendable (String) throws -> Value
  ) {
    self.valueName = valueName
    self.allowed = allowed
    self.parse = parse
    self.mask = mask
    self.isList = isList
  }

  /// The same format for a setting that may be absent.
  package var optional: SettingFormat<Value?> {
    SettingFormat<Value?>(valueName, allowed: allowed, isList: isList, mask: mask) { [parse] in try parse($0)
    }
  }
}

extension SettingFormat {
  /// One of a few words.
  package static func choice(_ valueName: String, _ words: [(String, Value)]) -> SettingFormat {
    SettingFormat(valueName, allowed: "one of " + words.map(\.0).joined(separator: ", ")) { text in
      guard let (_, value) = words.first(where: { $0.0.utf8.elementsEqual(text.utf8) }) else {
        throw MalformedText("is none of them")
      }
      return value
    }
  }
}

extension SettingFormat<Bool> {
  /// `true` or `false`; also `yes`, `on` and `1`, `no`, `off` and `0`.
  package static let boolean = SettingFormat("boolean", allowed: "true or false") { text in
    switch text.lowercased() {
    case "true", "yes", "on", "1": true
    case "false", "no", "off", "0": false
    default: throw MalformedText("is neither")
    }
  }
}

extension SettingFormat<String> {
  /// The path of a file or folder; its existence is checked when it is used.
  package static let filePath = SettingFormat("file", allowed: "a path") { text in
    guard !text.isEmpty, !text.utf8.contains(0) else { throw MalformedText("is not a path") }
    return text
  }

  /// The name or address of one host.
  package static let host = SettingFormat("host", allowed: "a host name, or an IPv4 or IPv6 address") {
    text in
    guard HostPort.isHost(text) else { throw MalformedText("is not one") }
    return text
  }

  /// The value of `Access-Control-Allow-Origin`.
  package static let origin = SettingFormat("origin", allowed: "* or one origin, such as https://example.org")
  { text in
    if text == "*" { return text }
    let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
    // Only the characters of an origin: others would end up in a response header.
    guard parts.count == 2, ["http", "https"].contains(parts[0]), !parts[1].isEmpty,
      parts[1].utf8.allSatisfy({ $0.isASCIIAlphanumeric || "-._:[]".utf8.contains($0) })
    else { throw MalformedText("is not an origin") }
    return text
  }
}

extension SettingFormat<HostPort> {
  /// One host and port.
  package static let hostPort = SettingFormat("host:port", allowed: "host:port, an IPv6 address in brackets")
  {
    try HostPort(parsing: $0)
  }
}

extension SettingFormat<[ListenAddress]> {
  /// One or more addresses to listen on.
  package static let listenAddresses = SettingFormat(
    "address",
    allowed: "host:port, :port for all addresses, or unix:/path; several are separated by commas",
    isList: true
  ) { try ListenAddress.list(parsing: $0) }
}
