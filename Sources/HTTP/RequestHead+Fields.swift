extension RequestHead {
  /// A request of HTTP/2, whose head arrives as fields (RFC 9113 §8.3.1).
  ///
  /// - Parameters:
  ///   - path: the path and query, not empty.
  ///   - authority: nil if the request has none; then `host` may stand in.
  ///   - fields: the ordinary fields that matter, with names in lower case.
  /// - Throws: what is wrong with their content. The connection can go on.
  package init(
    method: [UInt8], path: [UInt8], authority: [UInt8]?, fields: [(name: String, value: String)]
  ) throws(RequestHeadError) {
    guard method.allSatisfy(\.isTokenByte) else { throw .malformedRequestLine }
    guard method.count <= RequestLimits.methodBytes else { throw .methodTooLong }
    guard path.count <= RequestLimits.targetBytes else { throw .targetTooLong }
    let method = Method(method[...])
    var own = fields.map { RequestField(name: $0.name, value: $0.value) }
    if let authority {
      // The authority counts; a proxy may have left the client's `host` beside it.
      own.removeAll { $0.name == "host" }
      own.append(RequestField(name: "host", value: String(decoding: authority, as: UTF8.self)))
    }
    try Self.checkHost(of: own, version: .http2)
    self.init(
      method: method, target: try RequestTarget(parsing: path[...], method: method), version: .http2,
      contentLength: try Self.contentLength(of: own, version: .http2), fields: own)
  }

  /// Whether bytes are the name of a field in HTTP/2: a token without upper case (RFC 9113 §8.2.1).
  package static func isFieldName(lowerCase bytes: [UInt8]) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy { $0.isTokenByte && $0.lowercased == $0 }
  }

  /// Whether bytes are the value of a field: no control bytes, and no space at either end (RFC 9113 §8.2.1).
  package static func isFieldValue(_ bytes: [UInt8]) -> Bool {
    bytes[...].trimmed.count == bytes.count
      && bytes.allSatisfy { !$0.isControlByte || $0 == .horizontalTab }
  }
}
