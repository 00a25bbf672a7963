import HTTP

/// The fields of one block, collected under limits, and what is wrong with them (RFC 9113 §8.2 and §8.3).
///
/// Only the fields that are used later are kept; the others are checked and counted.
package struct RequestFields: Sendable {
  /// What a block of fields turns out to be.
  package enum Verdict: Equatable, Sendable {
    case request(RequestHead)
    /// A request that gets an answer of its own: its form is valid for HTTP/2, its content is not.
    case refused(RequestHeadError)
    /// No request: the stream is reset.
    case malformed
  }

  /// The fields that have a meaning for a request here.
  private static let known: Set<String> = [
    "accept", "content-length", "expect", "forwarded", "host", "last-event-id", "user-agent",
    "x-forwarded-for",
  ]
  /// The fields that only an HTTP/1 connection may have (RFC 9113 §8.2.2).
  private static let connectionSpecific: Set<String> = [
    "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
  ]

  private var pseudo: [String: [UInt8]] = [:]
  private var fields: [(name: String, value: String)] = []
  private var count = 0
  private var size = 0
  private var isMalformed = false
  private var hasOrdinary = false

  /// No fields yet.
  package init() {}

  /// Whether the fields exceed a limit; no more are kept then.
  private var isTooLarge: Bool { count > RequestLimits.fields || size > RequestLimits.headBytes }

  /// A field was decoded.
  package mutating func append(_ field: HeaderField) {
    count += 1
    size += field.size
    guard !isTooLarge, !isMalformed else { return }
    if field.name.first == UInt8(ascii: ":") { appendPseudo(field) } else { appendOrdinary(field) }
  }

  private mutating func appendPseudo(_ field: HeaderField) {
    let name = String(decoding: field.name, as: UTF8.self)
    guard !hasOrdinary, pseudo[name] == nil,
      [":method", ":scheme", ":path", ":authority"].contains(name)
    else { return isMalformed = true }
    pseudo[name] = field.value
  }

  private mutating func appendOrdinary(_ field: HeaderField) {
    hasOrdinary = true
    guard RequestHead.isFieldName(lowerCase: field.name), RequestHead.isFieldValue(field.value) else {
      return isMalformed = true
    }
    let name = String(decoding: field.name, as: UTF8.self)
    if Self.connectionSpecific.contains(name) { isMalformed = true }
    if name == "te", !field.value.elementsEqual("trailers".utf8) { isMalformed = true }
    guard Self.known.contains(name) else { return }
    fields.append((name, String(decoding: field.value, as: UTF8.self)))
  }

  /// The request, once all fields have arrived.
  package var request: Verdict {
    if isMalformed { return .malformed }
    if isTooLarge { return .refused(count > RequestLimits.fields ? .tooManyFields : .headTooLarge) }
    guard let method = pseudo[":method"], let scheme = pseudo[":scheme"], let path = pseudo[":path"],
      !method.isEmpty, !scheme.isEmpty, !path.isEmpty
    else { return .malformed }
    do throws(RequestHeadError) {
      return .request(
        try RequestHead(method: method, path: path, authority: pseudo[":authority"], fields: fields))
    } catch {
      // A length that is no number makes the end of the body unknown.
      return error == .malformedContentLength ? .malformed : .refused(error)
    }
  }

  /// Whether the fields may follow a body: then none of them is a pseudo-header field.
  package var areTrailers: Bool { !isMalformed && pseudo.isEmpty }
}
