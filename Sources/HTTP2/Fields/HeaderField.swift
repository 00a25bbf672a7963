/// A header field, or a pseudo-header field, as bytes.
package struct HeaderField: Equatable, Sendable {
  package let name: [UInt8]
  package let value: [UInt8]

  package init(_ name: [UInt8], _ value: [UInt8]) {
    self.name = name
    self.value = value
  }

  init(_ name: String, _ value: String = "") { self.init(Array(name.utf8), Array(value.utf8)) }

  /// The size with which a field counts for limits (RFC 7541 §4.1).
  package var size: Int { name.count + value.count + 32 }
}
