import Primitives

/// The parts of a ``RedisURL`` that may also be in its query, each at most once.
struct RedisURLOptions {
  private var values: [RedisURLError.Part: String] = [:]

  /// Reads a query such as `db=2&password=x`.
  init(_ query: ArraySlice<UInt8>, isTLS: Bool, hasSentinels: Bool) throws(RedisURLError) {
    for field in query.split(separator: UInt8(ascii: "&")) {
      var name = field
      guard let value = name.cut(behind: UInt8(ascii: "=")) else { throw RedisURLError(.query) }
      let part: RedisURLError.Part
      switch String(decoding: name, as: UTF8.self) {
      case "db": part = .database
      case "user": part = .user
      case "password": part = .password
      case "ca": part = .authority
      case "server-name": part = .serverName
      case "sentinel-user": part = .sentinelUser
      case "sentinel-password": part = .sentinelPassword
      default: throw RedisURLError(.query)
      }
      guard isTLS || (part != .authority && part != .serverName) else { throw RedisURLError(part) }
      guard hasSentinels || (part != .sentinelUser && part != .sentinelPassword) else {
        throw RedisURLError(part)
      }
      guard !value.isEmpty else { throw RedisURLError(part) }
      try set(part, value)
    }
  }

  subscript(part: RedisURLError.Part) -> String? { values[part] }

  /// Takes `USER:PASSWORD`, `:PASSWORD`, or nothing.
  mutating func take(login: ArraySlice<UInt8>) throws(RedisURLError) {
    var user = login
    if let password = user.cut(behind: UInt8(ascii: ":")), !password.isEmpty { try set(.password, password) }
    if !user.isEmpty { try set(.user, user) }
  }

  /// Takes the part after the slash that follows the host.
  mutating func take(databasePath: ArraySlice<UInt8>) throws(RedisURLError) {
    if !databasePath.isEmpty { try set(.database, databasePath) }
  }

  private mutating func set(_ part: RedisURLError.Part, _ value: ArraySlice<UInt8>) throws(RedisURLError) {
    guard values[part] == nil else { throw RedisURLError(part, isRepeated: true) }
    values[part] = try value.percentDecoded(as: part)
  }
}

extension ArraySlice<UInt8> {
  /// Shortens this to the part before a separator, and returns the part after it; nil without a separator.
  mutating func cut(behind separator: UInt8) -> ArraySlice<UInt8>? {
    guard let index = firstIndex(of: separator) else { return nil }
    defer { self = self[..<index] }
    return self[(index + 1)...]
  }

  /// The number in decimal digits, if it is in a range.
  func decimal(in range: ClosedRange<Int>) -> Int? {
    guard allSatisfy(\.isASCIIDigit), let number = Int(String(decoding: self, as: UTF8.self)) else {
      return nil
    }
    return range.contains(number) ? number : nil
  }

  /// The text after percent-decoding (RFC 3986 section 2.1), which must be UTF-8.
  func percentDecoded(as part: RedisURLError.Part) throws(RedisURLError) -> String {
    var decoded: [UInt8] = []
    var index = startIndex
    while index < endIndex {
      let byte = self[index]
      index += 1
      guard byte == UInt8(ascii: "%") else {
        decoded.append(byte)
        continue
      }
      guard index + 2 <= endIndex, self[index].isHexDigit, self[index + 1].isHexDigit,
        let value = UInt8(String(decoding: self[index..<index + 2], as: UTF8.self), radix: 16)
      else { throw RedisURLError(part) }
      decoded.append(value)
      index += 2
    }
    guard let text = String(validating: decoded, as: UTF8.self) else { throw RedisURLError(part) }
    return text
  }
}

extension String {
  /// The text with everything except letters, digits and `-._~/` percent-encoded (RFC 3986 section 2.3, and the
  /// slash).
  var percentEncoded: String {
    var encoded: [UInt8] = []
    for byte in utf8 {
      if byte.isASCIIAlphanumeric || "-._~/".utf8.contains(byte) {
        encoded.append(byte)
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        encoded.append(contentsOf: "%\(digits.utf8.count == 1 ? "0" : "")\(digits)".utf8)
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }
}

extension UInt8 {
  /// True for `0` to `9`, `a` to `f` and `A` to `F`.
  var isHexDigit: Bool { isASCIIDigit || (0x61...0x66).contains(self | 0x20) }
}
