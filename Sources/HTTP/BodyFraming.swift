/// How the body of an answer is told apart from what is around it, where its length is not known beforehand (RFC 9112 §6.3).
///
/// A body is made of payloads that know nothing of it. A client of HTTP/1.1 gets them in chunks: many a client library holds back
/// a body that has neither length nor chunks, some caches take it for an empty one, and a cut could not be told from an end.
public enum BodyFraming: Hashable, Sendable, CaseIterable {
  /// Each payload is a chunk, and an empty chunk is the end (RFC 9112 §7.1).
  case chunked
  /// The payloads alone; the end of the connection is the end.
  case untilClose

  /// Appends a payload. Of an empty one nothing is appended: an empty chunk would be the end.
  public func append(_ payload: [UInt8], to bytes: inout [UInt8]) {
    guard self == .chunked else { return bytes.append(contentsOf: payload) }
    guard !payload.isEmpty else { return }
    bytes.append(hexadecimal: UInt64(payload.count))
    bytes.append(contentsOf: "\r\n".utf8)
    bytes.append(contentsOf: payload)
    bytes.append(contentsOf: "\r\n".utf8)
  }

  /// A payload as it goes over the wire.
  public func framed(_ payload: [UInt8]) -> [UInt8] {
    guard self == .chunked else { return payload }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(payload.count + Self.chunkOverhead)
    append(payload, to: &bytes)
    return bytes
  }

  /// Appends what tells the client that the body is complete.
  public func appendEnd(to bytes: inout [UInt8]) {
    if self == .chunked { bytes.append(contentsOf: "0\r\n\r\n".utf8) }
  }

  /// The fields of the head that say so.
  public var fields: [ResponseField] {
    self == .chunked ? [ResponseField("Transfer-Encoding", "chunked")] : []
  }

  /// What a chunk takes beyond its payload, at the most: a size of 16 digits, and two line ends.
  private static let chunkOverhead = 20
}
