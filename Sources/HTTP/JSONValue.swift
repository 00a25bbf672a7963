import Primitives

/// A parsed JSON text (RFC 8259) from another program.
///
/// Strict: UTF-8, nothing after the value, no name twice in an object, and no deeper than ``depthMaximum``. The
/// caller limits the size. Two texts are equal if and only if their bytes are, in values and in names.
package indirect enum JSONValue: Equatable, Sendable {
  case null
  case boolean(Bool)
  /// The digits as written, such as `12` or `-1.5e3`.
  case number(String)
  case text(String)
  case array([JSONValue])
  /// The members in the order of the text; no name occurs twice.
  case object([Member])

  /// A member of an object.
  package struct Member: Equatable, Sendable {
    /// Its name.
    package let name: String
    /// Its value.
    package let value: JSONValue

    /// A member of an object.
    package init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }

    /// True if the names are the same byte by byte, and so are the values.
    package static func == (left: Member, right: Member) -> Bool {
      left.name.utf8.elementsEqual(right.name.utf8) && left.value == right.value
    }
  }

  /// How deep objects and arrays may be nested.
  package static let depthMaximum = 16

  /// True if both are equal byte by byte; `String` would also equate canonically equivalent Unicode texts.
  package static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.boolean(let left), .boolean(let right)): left == right
    case (.number(let left), .number(let right)), (.text(let left), .text(let right)):
      left.utf8.elementsEqual(right.utf8)
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    default: false
    }
  }

  /// Parses a text; nil if it is not JSON.
  package init?(parsing bytes: [UInt8]) {
    guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
    var reader = JSONReader(bytes: bytes)
    guard let value = reader.value(depth: 0), reader.isAtEnd else { return nil }
    self = value
  }

  /// The value of a member; nil if there is none, or if this is not an object.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  /// The text, if this is a string.
  package var text: String? {
    guard case .text(let text) = self else { return nil }
    return text
  }

  /// The elements, if this is an array.
  package var elements: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }
}

/// Reads one value after the other. The bytes are valid UTF-8.
private struct JSONReader {
  let bytes: [UInt8]
  var index = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  var isAtEnd: Bool {
    mutating get {
      skipSpace()
      return next == nil
    }
  }

  private mutating func skipSpace() {
    while let byte = next, byte == .space || (0x09...0x0a).contains(byte) || byte == .carriageReturn {
      index += 1
    }
  }

  private mutating func skip(_ mark: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: mark) else { return false }
    index += 1
    return true
  }

  mutating func value(depth: Int) -> JSONValue? {
    guard depth <= JSONValue.depthMaximum else { return nil }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return object(depth: depth)
    case UInt8(ascii: "["): return array(depth: depth)
    case UInt8(ascii: "\""): return string().map(JSONValue.text)
    default: return word()
    }
  }

  private mutating func object(depth: Int) -> JSONValue? {
    _ = skip("{")
    var members: [JSONValue.Member] = []
    var names: Set<[UInt8]> = []
    if skip("}") { return .object(members) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\""), let name = string(), names.insert(Array(name.utf8)).inserted,
        skip(":"),
        let value = value(depth: depth + 1)
      else { return nil }
      members.append(JSONValue.Member(name: name, value: value))
    } while skip(",")
    return skip("}") ? .object(members) : nil
  }

  private mutating func array(depth: Int) -> JSONValue? {
    _ = skip("[")
    var elements: [JSONValue] = []
    if skip("]") { return .array(elements) }
    repeat {
      guard let element = value(depth: depth + 1) else { return nil }
      elements.append(element)
    } while skip(",")
    return skip("]") ? .array(elements) : nil
  }

  /// A number, `true`, `false` or `null`.
  private mutating func word() -> JSONValue? {
    let start = index
    while let byte = next, byte.isASCIIAlphanumeric || "+-.".utf8.contains(byte) { index += 1 }
    let word = bytes[start..<index]
    if word.elementsEqual("null".utf8) { return .null }
    if word.elementsEqual("true".utf8) { return .boolean(true) }
    if word.elementsEqual("false".utf8) { return .boolean(false) }
    return word.isJSONNumber ? .number(String(decoding: word, as: UTF8.self)) : nil
  }

  private mutating func string() -> String? {
    index += 1
    var text: [UInt8] = []
    while let byte = next {
      index += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let escaped = escape() else { return nil }
        text.append(contentsOf: escaped)
      case 0..<0x20: return nil
      default: text.append(byte)
      }
    }
    return nil
  }

  private mutating func escape() -> [UInt8]? {
    guard let byte = next else { return nil }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0c]
    case UInt8(ascii: "n"): return [0x0a]
    case UInt8(ascii: "r"): return [0x0d]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return character()
    default: return nil
    }
  }

  /// The character of a `\u` escape, or of a surrogate pair; half a pair is an error.
  private mutating func character() -> [UInt8]? {
    guard var number = hexadecimal() else { return nil }
    if (0xd800..<0xdc00).contains(number) {
      guard next == UInt8(ascii: "\\"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "u") else {
        return nil
      }
      index += 2
      guard let low = hexadecimal(), (0xdc00..<0xe000).contains(low) else { return nil }
      number = 0x10000 + (number - 0xd800) << 10 + (low - 0xdc00)
    }
    return Unicode.Scalar(number).map { Array(String($0).utf8) }
  }

  private mutating func hexadecimal() -> UInt32? {
    guard index + 4 <= bytes.count else { return nil }
    let digits = bytes[index..<index + 4]
    index += 4
    guard digits.allSatisfy({ $0.isASCIIDigit || (0x61...0x66).contains($0 | 0x20) }) else { return nil }
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}
