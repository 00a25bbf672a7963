/// The status line and the header fields of an answer (RFC 9112 §4), in the given order.
package struct ResponseHead: Equatable, Sendable {
  /// The status.
  package let status: Status
  /// The fields.
  package let fields: [ResponseField]

  /// A head. The version of the status line is always HTTP/1.1, the server's own, whatever the client's (RFC 9110
  /// §2.5).
  package init(_ status: Status, fields: [ResponseField]) {
    self.status = status
    self.fields = fields
  }

  /// Appends the head with the final empty line.
  package func append(to bytes: inout [UInt8]) {
    bytes.append(contentsOf: "HTTP/1.1 \(status.rawValue) \(status.reasonPhrase)\r\n".utf8)
    for field in fields {
      bytes.append(contentsOf: field.name.utf8)
      bytes.append(contentsOf: ": ".utf8)
      bytes.append(contentsOf: field.value.description.utf8)
      bytes.append(contentsOf: "\r\n".utf8)
    }
    bytes.append(contentsOf: "\r\n".utf8)
  }
}
