import HTTP
import Primitives

/// The origin and the host of a request, as far as a browser reports them.
struct RequestOrigin {
  private let head: RequestHead
  private let isSecure: Bool

  init(_ head: RequestHead, isSecure: Bool) {
    self.head = head
    self.isSecure = isSecure
  }

  /// Whether the `Host` is an address, `localhost` or one of the names. HTTP/1.0 may omit it.
  func isForHost(_ names: Set<String>) -> Bool {
    guard let value = head.value(of: "host") else { return true }
    let host = Self.host(of: value).lowercased()
    return host == "localhost" || Self.isAddress(host) || names.contains(host)
  }

  /// False if a browser reports that the request comes from the page of another origin (Fetch Metadata; RFC 6454).
  var isSameSite: Bool {
    if let site = head.value(of: "sec-fetch-site"), site != "same-origin", site != "none" { return false }
    let origins = head.values(of: "origin")
    guard let origin = origins.first else { return true }
    guard origins.count == 1, let host = head.value(of: "host") else { return false }
    let own = "\(isSecure ? "https" : "http")://\(host)"
    return Self.folded(origin) == Self.folded(own)
  }

  /// Lowercases ASCII only, because `lowercased()` also turns letters such as the Kelvin sign into ASCII.
  private static func folded(_ text: String) -> [UInt8] {
    text.utf8.map { $0.isASCIILetter ? $0 | 0x20 : $0 }
  }

  /// The `Host` without its port. An IPv6 address keeps its brackets.
  private static func host(of value: String) -> Substring {
    if value.hasPrefix("[") {
      return value.lastIndex(of: "]").map { value[...$0] } ?? value[...]
    }
    return value.prefix { $0 != ":" }
  }

  private static func isAddress(_ host: String) -> Bool {
    if host.hasPrefix("[") { return HostPort.isHost(String(host.dropFirst().dropLast())) }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { $0.utf8.allSatisfy(\.isASCIIDigit) && UInt8($0) != nil }
  }
}

/// A distinguished name in the form of RFC 2253: `CN=ops,OU=readers\, all,O=Example`.
enum DistinguishedName {
  /// The values of all attributes with this name, unescaped.
  static func values(of attribute: String, in text: String) -> [String] {
    attributes(of: text).filter { $0.name == attribute }.map(\.value)
  }

  private static func attributes(of text: String) -> [(name: String, value: String)] {
    var attributes: [(name: String, value: String)] = []
    var name = ""
    var word = ""
    var isEscaped = false
    for character in text {
      switch character {
      case _ where isEscaped:
        word.append(character)
        isEscaped = false
      case "\\": isEscaped = true
      case "=" where name.isEmpty:
        name = word
        word = ""
      case ",", "+":
        attributes.append((name, word))
        (name, word) = ("", "")
      default: word.append(character)
      }
    }
    return attributes + [(name, word)]
  }
}
