import PlantedFaults

/// How the end of a response body is marked when its length is not known beforehand (RFC 9112 §6.3).
///
/// A body consists of payloads that do not depend on the framing. A client of HTTP/1.1 gets them in chunks: many
/// client libraries hold back a body that has neither length nor chunks, some caches treat it as empty, and a broken
/// connection would look like the end.
package enum BodyFraming: Hashable, Sendable, CaseIterable {
  /// Each payload is a chunk, and an empty chunk is the end (RFC 9112 §7.1).
  case chunked
  /// The payloads alone; the end of the connection is the end of the body.
  case untilClose

  /// Appends a payload. An empty payload appends nothing: an empty chunk would be the end.
  package func append(_ payload: [UInt8], to bytes: inout [UInt8]) {
    guard self == .chunked else { return bytes.append(contentsOf: payload) }
    guard !payload.isEmpty else { return }
    bytes.append(hexadecimal: UInt64(payload.count))
    bytes.append(contentsOf: "\r\n".utf8)
    bytes.append(contentsOf: payload)
    bytes.append(contentsOf: "\r\n".utf8)
  }

  /// A payload in wire format.
  package func framed(_ payload: [UInt8]) -> [UInt8] {
    guard self == .chunked else { return payload }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(payload.count + Self.chunkOverhead)
    append(payload, to: &bytes)
    return bytes
  }

  /// Appends the mark that the body is complete.
  package func appendEnd(to bytes: inout [UInt8]) {
    if self == .chunked && !planted(.bodyUnended) { bytes.append(contentsOf: "0\r\n\r\n".utf8) }
  }

  /// The header fields that announce the framing.
  package var fields: [ResponseField] {
    self == .chunked ? [ResponseField("Transfer-Encoding", "chunked")] : []
  }

  /// The greatest size of a chunk beyond its payload: a size of 16 digits, and two line ends.
  private static let chunkOverhead = 20
}
