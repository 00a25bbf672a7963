import HTTP
import Primitives

/// Where a request comes from and whom it asks for, as far as a browser says so.
struct RequestOrigin {
  private let head: RequestHead
  private let isSecure: Bool

  init(_ head: RequestHead, isSecure: Bool) {
    self.head = head
    self.isSecure = isSecure
  }

  /// True if the `Host` is an address, `localhost`, one of the names, or, in HTTP/1.0, not there.
  func isForHost(_ names: Set<String>) -> Bool {
    guard let value = head.value(of: "host") else { return true }
    let host = Self.host(of: value).lowercased()
    return host == "localhost" || Self.isAddress(host) || names.contains(host)
  }

  /// True unless a browser says that the request comes from the page of another origin (Fetch Metadata; RFC 6454).
  var isSameSite: Bool {
    if let site = head.value(of: "sec-fetch-site"), site != "same-origin", site != "none" { return false }
    let origins = head.values(of: "origin")
    guard let origin = origins.first else { return true }
    guard origins.count == 1, let host = head.value(of: "host") else { return false }
    let own = "\(isSecure ? "https" : "http")://\(host)"
    return Self.folded(origin) == Self.folded(own)
  }

  /// In lower case, as far as it is ASCII: `lowercased()` also makes ASCII of letters such as the sign for kelvin.
  private static func folded(_ text: String) -> [UInt8] {
    text.utf8.map { $0.isASCIILetter ? $0 | 0x20 : $0 }
  }

  /// A `Host` without its port; an IPv6 address keeps its brackets.
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
  /// The values of all attributes with that name, unescaped.
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
