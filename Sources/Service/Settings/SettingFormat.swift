import Primitives

/// What a setting's text may be, and how it is read.
public struct SettingFormat<Value: Sendable>: Sendable {
  /// What stands for the value in the help: `--tick <duration>`.
  public let valueName: String
  /// What is allowed: a noun phrase with unit and limits, as the end of `allowed is …`.
  public let allowed: String
  /// The value of a text; what it throws describes itself as the end of a sentence that begins with the text.
  public let parse: @Sendable (String) throws -> Value
  /// The text with every secret in it replaced by `***`.
  public let mask: @Sendable (String) -> String
  /// Whether the text may be several, separated by commas. On the command line the flag may then be repeated instead.
  public let isList: Bool

  /// - Parameters:
  ///   - valueName: what stands for the value in the help.
  ///   - allowed: what is allowed: a noun phrase with unit and limits.
  ///   - isList: whether the text may be several, separated by commas.
  ///   - mask: replaces every secret in a text, even in one that does not parse; nothing is secret by default.
  ///   - parse: the value of a text; what it throws must not repeat a secret.
  public init(
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

  /// The same, for a setting that may also be absent.
  public var optional: SettingFormat<Value?> {
    SettingFormat<Value?>(valueName, allowed: allowed, isList: isList, mask: mask) { [parse] in try parse($0)
    }
  }
}

extension SettingFormat {
  /// One of a few words.
  public static func choice(_ valueName: String, _ words: [(String, Value)]) -> SettingFormat {
    SettingFormat(valueName, allowed: "one of " + words.map(\.0).joined(separator: ", ")) { text in
      guard let (_, value) = words.first(where: { $0.0.utf8.elementsEqual(text.utf8) }) else {
        throw MalformedText("is none of them")
      }
      return value
    }
  }
}

extension SettingFormat<Bool> {
  /// `true` or `false`; `yes`, `on` and `1`, `no`, `off` and `0` are understood.
  public static let boolean = SettingFormat("boolean", allowed: "true or false") { text in
    switch text.lowercased() {
    case "true", "yes", "on", "1": true
    case "false", "no", "off", "0": false
    default: throw MalformedText("is neither")
    }
  }
}

extension SettingFormat<String> {
  /// The path of a file or folder; whether it exists is seen when it is used.
  public static let filePath = SettingFormat("file", allowed: "a path") { text in
    guard !text.isEmpty, !text.utf8.contains(0) else { throw MalformedText("is not a path") }
    return text
  }

  /// The name or address of one host.
  public static let host = SettingFormat("host", allowed: "a host name, or an IPv4 or IPv6 address") { text in
    guard HostPort.isHost(text) else { throw MalformedText("is not one") }
    return text
  }

  /// The value of `Access-Control-Allow-Origin`.
  public static let origin = SettingFormat("origin", allowed: "* or one origin, such as https://example.org")
  { text in
    if text == "*" { return text }
    let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
    // Only what an origin is made of: whatever else there is would end up in a response header.
    guard parts.count == 2, ["http", "https"].contains(parts[0]), !parts[1].isEmpty,
      parts[1].utf8.allSatisfy({ $0.isASCIIAlphanumeric || "-._:[]".utf8.contains($0) })
    else { throw MalformedText("is not an origin") }
    return text
  }
}

extension SettingFormat<HostPort> {
  /// One host and port.
  public static let hostPort = SettingFormat("host:port", allowed: "host:port, an IPv6 address in brackets") {
    try HostPort(parsing: $0)
  }
}

extension SettingFormat<[ListenAddress]> {
  /// One or more addresses to listen on.
  public static let listenAddresses = SettingFormat(
    "address",
    allowed: "host:port, :port for all addresses, or unix:/path; several are separated by commas",
    isList: true
  ) { try ListenAddress.list(parsing: $0) }
}
