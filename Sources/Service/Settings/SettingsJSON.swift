import Primitives

/// Reads the JSON (RFC 8259) of a configuration file into texts by key.
///
/// A reader of its own, because an error in such a file must be shown with its line, a repeated key must be refused,
/// and a value must stay as written.
struct SettingsJSON {
  /// Why the text is not valid, and where.
  struct Failure: Error, Equatable, CustomStringConvertible {
    /// Counted from 1.
    let line: Int
    /// The reason, to continue a sentence that begins with the line.
    let reason: String

    var description: String { "line \(line): \(reason)" }
  }

  /// The greatest depth of objects, and so the greatest number of words in a key.
  private static let depthMaximum = 16

  private let bytes: [UInt8]
  private var index = 0
  private var texts: [String: String] = [:]
  /// The keys byte by byte: `String` would equate canonically equivalent Unicode texts.
  private var keys: Set<[UInt8]> = []

  /// The texts in a file's contents, by key; lists as their elements separated by commas, without nulls.
  static func texts(of bytes: [UInt8]) throws(Failure) -> [String: String] {
    var reader = SettingsJSON(bytes: bytes)
    reader.skipSpace()
    guard reader.next == UInt8(ascii: "{") else {
      throw reader.failure("settings are a JSON object, as in {\"log.level\": \"debug\"}")
    }
    try reader.readObject(under: "", depth: 1)
    reader.skipSpace()
    guard reader.next == nil else { throw reader.failure("there is something after the end of the object") }
    return reader.texts
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  private func failure(_ reason: String) -> Failure {
    Failure(line: bytes[..<index].count { $0 == UInt8(ascii: "\n") } + 1, reason: reason)
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { index += 1 }
  }

  /// Skips space and one expected character; false if it is missing.
  private mutating func skip(_ mark: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: mark) else { return false }
    index += 1
    return true
  }

  private mutating func readObject(under prefix: String, depth: Int) throws(Failure) {
    guard depth <= Self.depthMaximum else { throw failure("objects are nested too deeply") }
    _ = skip("{")
    if skip("}") { return }
    var names: Set<[UInt8]> = []
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw failure("the name of a setting is expected, in quotes") }
      let name = try readString()
      let key = prefix + name
      guard names.insert(Array(name.utf8)).inserted else {
        throw failure("\(key.debugDescription) is given twice")
      }
      guard skip(":") else { throw failure("a colon is expected after \(key.debugDescription)") }
      skipSpace()
      try readMember(key, depth: depth)
    } while skip(",")
    guard skip("}") else { throw failure("a comma or } is expected") }
  }

  private mutating func readMember(_ key: String, depth: Int) throws(Failure) {
    let text: String?
    switch next {
    case UInt8(ascii: "{"): return try readObject(under: key + ".", depth: depth + 1)
    case UInt8(ascii: "["): text = try readList()
    default: text = try readScalar()
    }
    guard let text else { return }
    guard keys.insert(Array(key.utf8)).inserted else {
      throw failure("\(key.debugDescription) is given twice")
    }
    texts[key] = text
  }

  private mutating func readList() throws(Failure) -> String {
    _ = skip("[")
    if skip("]") { return "" }
    var elements: [String] = []
    repeat {
      skipSpace()
      guard let element = try readScalar() else { throw failure("null is not allowed in a list") }
      elements.append(element)
    } while skip(",")
    guard skip("]") else { throw failure("a comma or ] is expected") }
    return elements.joined(separator: ",")
  }

  /// A string, or a number, `true` or `false` as written; nil for `null`.
  private mutating func readScalar() throws(Failure) -> String? {
    if next == UInt8(ascii: "\"") { return try readString() }
    let start = index
    while let byte = next, byte.isWordByte { index += 1 }
    let word = String(decoding: bytes[start..<index], as: UTF8.self)
    switch word {
    case "null": return nil
    case "true", "false": return word
    default:
      guard bytes[start..<index].isJSONNumber else {
        throw failure("a text in quotes, a number, true or false is expected")
      }
      return word
    }
  }

  private mutating func readString() throws(Failure) -> String {
    index += 1
    var text: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw failure("a text must end on its line, and hold no control characters") }
      index += 1
      if byte == UInt8(ascii: "\\") {
        text.append(contentsOf: try readEscape())
      } else {
        text.append(byte)
      }
    }
    guard next != nil else { throw failure("a text has no end") }
    guard let string = String(validating: text, as: UTF8.self) else { throw failure("a text is not UTF-8") }
    index += 1
    return string
  }

  private mutating func readEscape() throws(Failure) -> [UInt8] {
    defer { index += 1 }
    switch next {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [bytes[index]]
    case UInt8(ascii: "n"): return [0x0a]
    case UInt8(ascii: "t"): return [0x09]
    default:
      throw failure(
        "of escapes, \\\" \\\\ \\/ \\n and \\t are understood; write other characters as they are")
    }
  }
}

extension UInt8 {
  fileprivate var isWordByte: Bool { isASCIIAlphanumeric || "+-.".utf8.contains(self) }
}
