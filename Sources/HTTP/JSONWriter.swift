/// Writes a JSON text (RFC 8259) in one pass: members in the order of the calls, no spaces.
///
/// The closures give the nesting. The caller must write exactly one value per member, and one per document.
package struct JSONWriter: Sendable {
  /// The text written so far.
  package private(set) var bytes: [UInt8] = []
  private var needsComma = false

  /// An empty text.
  package init() {}

  /// Writes an object; the closure writes its members.
  package mutating func object(_ members: (inout JSONWriter) -> Void) {
    enclose(UInt8(ascii: "{"), UInt8(ascii: "}"), members)
  }

  /// Writes an array; the closure writes its values.
  package mutating func array(_ values: (inout JSONWriter) -> Void) {
    enclose(UInt8(ascii: "["), UInt8(ascii: "]"), values)
  }

  /// Writes a member; the closure writes its value.
  package mutating func member(_ name: String, _ value: (inout JSONWriter) -> Void) {
    separate()
    bytes.append(jsonString: name.utf8)
    bytes.append(.colon)
    needsComma = false
    value(&self)
  }

  /// Writes a member with a string.
  package mutating func member(_ name: String, _ value: String) { member(name) { $0.value(value) } }

  /// Writes a member with an integer.
  package mutating func member(_ name: String, _ value: some FixedWidthInteger) {
    member(name) { $0.value(value) }
  }

  /// Writes a member with a number.
  package mutating func member(_ name: String, _ value: Double) { member(name) { $0.value(value) } }

  /// Writes a member with `true` or `false`.
  package mutating func member(_ name: String, _ value: Bool) { member(name) { $0.value(value) } }

  /// Writes a string.
  package mutating func value(_ text: String) {
    separate()
    bytes.append(jsonString: text.utf8)
  }

  /// Writes an integer, exactly. Readers that use doubles lose precision beyond 2⁵³.
  package mutating func value(_ number: some FixedWidthInteger) {
    separate()
    bytes.append(contentsOf: String(number).utf8)
  }

  /// Writes a number; `null` for infinities and NaN, which JSON does not have.
  package mutating func value(_ number: Double) {
    guard number.isFinite else { return null() }
    separate()
    bytes.append(contentsOf: number.description.utf8)
  }

  /// Writes `true` or `false`.
  package mutating func value(_ flag: Bool) {
    separate()
    bytes.append(contentsOf: (flag ? "true" : "false").utf8)
  }

  /// Writes `null`.
  package mutating func null() {
    separate()
    bytes.append(contentsOf: "null".utf8)
  }

  private mutating func enclose(_ open: UInt8, _ close: UInt8, _ content: (inout JSONWriter) -> Void) {
    separate()
    bytes.append(open)
    needsComma = false
    content(&self)
    bytes.append(close)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }
}
