import Primitives

// Parsing is strict on purpose: a text that two programs could read as two addresses is not an address.
extension NetworkAddress {
  /// Reads an address.
  ///
  /// - Parameter text: IPv4 as four decimal numbers without leading zeros, because some programs read those as octal;
  ///   IPv6 as in RFC 4291 §2.2, in either case, with at most one `::` and optionally an IPv4 address at its end.
  ///   Brackets, ports and zones are errors.
  package init(parsing text: String) throws(MalformedText) {
    guard let address = NetworkAddress(Array(text.utf8)[...]) else {
      throw MalformedText("is not a numeric IPv4 or IPv6 address")
    }
    self = address
  }

  /// Reads an address with or without a port, as in `X-Forwarded-For`: `192.0.2.1`, `192.0.2.1:567`, `2001:db8::1`,
  /// `[2001:db8::1]` or `[2001:db8::1]:567`. The port is checked and dropped.
  package init(parsingWithPort text: String) throws(MalformedText) {
    guard let address = NetworkAddress(withPort: Array(text.utf8)[...]) else {
      throw MalformedText("is not a numeric IPv4 or IPv6 address, with or without a port")
    }
    self = address
  }

  init?(_ text: ArraySlice<UInt8>) {
    guard text.count <= Self.maximumTextCount else { return nil }
    guard text.contains(.colon) else {
      guard let octets = Self.octets(text) else { return nil }
      self.init(networkOrder: octets)
      return
    }
    guard let groups = Self.groups(text) else { return nil }
    self.init(bits: groups.reduce(UInt128(0)) { $0 << 16 | UInt128($1) })
  }

  init?(withPort text: ArraySlice<UInt8>) {
    if text.first == .leftBracket {
      guard let end = text.firstIndex(of: .rightBracket) else { return nil }
      let host = text[text.startIndex + 1..<end]
      guard host.contains(.colon), Self.isPort(text[(end + 1)...]) else { return nil }
      self.init(host)
    } else if text.count(where: { $0 == .colon }) == 1, let colon = text.firstIndex(of: .colon) {
      guard Self.isPort(text[colon...]) else { return nil }
      self.init(text[..<colon])
    } else {
      self.init(text)
    }
  }

  /// Six groups of four digits and an IPv4 address of 15 bytes.
  private static let maximumTextCount = 45

  /// Whether the text is empty, or a colon and a port.
  private static func isPort(_ text: ArraySlice<UInt8>) -> Bool {
    text.isEmpty || text.first == .colon && text.dropFirst().decimalValue(maximum: 65_535) != nil
  }

  private static func octets(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let octets = text.split(separator: .dot, omittingEmptySubsequences: false).map {
      $0.decimalValue(maximum: 255).map(UInt8.init)
    }
    return octets.count == 4 ? octets.unlessAnyIsNil() : nil
  }

  /// The eight groups of an IPv6 address.
  private static func groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
    guard let gap = text.indices.dropLast().first(where: { text[$0] == .colon && text[$0 + 1] == .colon })
    else {
      return groups(ofPart: text, mayEndInIPv4: true).flatMap { $0.count == 8 ? $0 : nil }
    }
    guard let head = groups(ofPart: text[..<gap], mayEndInIPv4: false),
      let tail = groups(ofPart: text[(gap + 2)...], mayEndInIPv4: true), head.count + tail.count < 8
    else { return nil }
    return head + repeatElement(0, count: 8 - head.count - tail.count) + tail
  }

  /// The groups on one side of a `::`; there may be none.
  private static func groups(ofPart text: ArraySlice<UInt8>, mayEndInIPv4: Bool) -> [UInt16]? {
    if text.isEmpty { return [] }
    var parts = text.split(separator: .colon, omittingEmptySubsequences: false)
    var end: [UInt16] = []
    if mayEndInIPv4, let last = parts.last, last.contains(.dot) {
      guard let octets = octets(last) else { return nil }
      end = [0, 2].map { UInt16(octets[$0]) << 8 | UInt16(octets[$0 + 1]) }
      parts.removeLast()
    }
    return parts.map(\.hexadecimalGroup).unlessAnyIsNil().map { $0 + end }
  }
}

extension ArraySlice<UInt8> {
  /// The value of a decimal number; nil without digits, with a leading zero, or above the maximum.
  func decimalValue(maximum: Int) -> Int? {
    guard (1...9).contains(count), allSatisfy(\.isASCIIDigit), count == 1 || first != UInt8(ascii: "0") else {
      return nil
    }
    let value = reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    return value <= maximum ? value : nil
  }

  /// The value of one to four hexadecimal digits.
  fileprivate var hexadecimalGroup: UInt16? {
    guard (1...4).contains(count), allSatisfy(\.isASCIIAlphanumeric) else { return nil }
    return UInt16(String(decoding: self, as: UTF8.self), radix: 16)
  }
}

extension Array {
  /// All elements; nil if one of them is nil.
  fileprivate func unlessAnyIsNil<Wrapped>() -> [Wrapped]? where Element == Wrapped? {
    let values = compactMap(\.self)
    return values.count == count ? values : nil
  }
}

extension UInt8 {
  static let colon = UInt8(ascii: ":")
  static let dot = UInt8(ascii: ".")
  static let leftBracket = UInt8(ascii: "[")
  static let rightBracket = UInt8(ascii: "]")
}
