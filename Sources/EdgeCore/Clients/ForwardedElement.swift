/// One proxy's element of `Forwarded` (RFC 7239 §4): `for=192.0.2.60;proto=https`, `For="[2001:db8::1]:4711"`.
///
/// Parsing is strict on purpose: a text that two programs could read as two addresses is not an address.
enum ForwardedElement {
  /// The last comma outside of quoted strings.
  ///
  /// It reads from the right, the end that trusted proxies wrote, so that a client's unclosed quotation mark further
  /// left does not affect what they appended.
  static func lastComma(in text: Substring.UTF8View) -> Substring.Index? {
    var isQuoted = false
    var index = text.endIndex
    while index > text.startIndex {
      text.formIndex(before: &index)
      switch text[index] {
      case .quotationMark:
        let backslashes = text[..<index].reversed().prefix { $0 == .backslash }.count
        if !isQuoted || backslashes.isMultiple(of: 2) { isQuoted.toggle() }
      case UInt8(ascii: ",") where !isQuoted: return index
      default: break
      }
    }
    return nil
  }

  /// The address in an element's only `for`; nil for `unknown`, for an obfuscated name, and without `for`.
  static func address(in element: ArraySlice<UInt8>) -> NetworkAddress? {
    var node: ArraySlice<UInt8>?
    for pair in pairs(of: element) {
      guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
      guard pair[..<equals].elementsEqual("for".utf8, by: { $0 | 0x20 == $1 }) else { continue }
      guard node == nil else { return nil }
      node = pair[(equals + 1)...]
    }
    guard var node else { return nil }
    if node.first == .quotationMark {
      guard node.count >= 2, node.last == .quotationMark else { return nil }
      node = node.dropFirst().dropLast()
    }
    // An IPv6 address without brackets could end in a port.
    guard node.first == .leftBracket || node.count(where: { $0 == .colon }) <= 1 else { return nil }
    return NetworkAddress(withPort: node)
  }

  /// The pairs between semicolons outside of quoted strings.
  private static func pairs(of element: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var isQuoted = false
    var isEscaped = false
    return element.split(omittingEmptySubsequences: true) { byte in
      defer { isEscaped = isQuoted && byte == .backslash && !isEscaped }
      if byte == .quotationMark, !isEscaped { isQuoted.toggle() }
      return byte == UInt8(ascii: ";") && !isQuoted
    }.map(\.trimmed)
  }
}

extension UInt8 {
  fileprivate static let quotationMark = UInt8(ascii: "\"")
  fileprivate static let backslash = UInt8(ascii: "\\")
}
