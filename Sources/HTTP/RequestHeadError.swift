/// Why a request head is refused.
///
/// After any of these errors the start of the next request is unknown or not worth knowing: the answer is sent, the
/// connection closed, and no later byte is parsed as a request (RFC 9112 §11.2).
package enum RequestHeadError: Error, Equatable, Sendable, CaseIterable {
  /// The first line is not method, space, target, space, version.
  case malformedRequestLine
  case methodTooLong
  /// The target has a forbidden byte, a broken percent-encoding, or a form that does not fit its method.
  case malformedTarget
  case targetTooLong
  case unsupportedVersion
  case headTooLarge
  case tooManyFields
  /// A line that ends in LF without CR, or a CR that ends no line.
  case bareLineEnd
  /// NUL or another control character.
  case controlByte
  /// No name, a space before the colon, no colon, or a folded line (RFC 9112 §5.2).
  case malformedField
  /// HTTP/1.1 without `Host`, or any request with two of them or an invalid one (RFC 9112 §3.2).
  case malformedHost
  /// Not one plain decimal number.
  case malformedContentLength
  /// `Content-Length` together with `Transfer-Encoding`: the classic case of request smuggling (RFC 9112 §6.3).
  case conflictingLengths
  /// A transfer coding other than `chunked` alone, or any in HTTP/1.0.
  case unknownTransferEncoding
  /// A chunked body. No request of this service needs a body, and a body must have a length.
  case chunkedBody
  case bodyTooLarge

  /// The status of the answer.
  package var status: Status {
    switch self {
    case .malformedRequestLine, .malformedTarget, .bareLineEnd, .controlByte, .malformedField, .malformedHost,
      .malformedContentLength, .conflictingLengths, .unknownTransferEncoding:
      .badRequest
    case .methodTooLong: .notImplemented
    case .targetTooLong: .uriTooLong
    case .unsupportedVersion: .httpVersionNotSupported
    case .headTooLarge, .tooManyFields: .requestHeaderFieldsTooLarge
    case .chunkedBody: .lengthRequired
    case .bodyTooLarge: .contentTooLarge
    }
  }

  /// One line for the answer's body. It quotes nothing from the request.
  package var explanation: StaticString {
    switch self {
    case .malformedRequestLine: "The request line is not 'METHOD target HTTP/1.1'."
    case .methodTooLong: "The method is longer than 32 bytes."
    case .malformedTarget: "The request target is malformed."
    case .targetTooLong: "The request target is longer than 8192 bytes."
    case .unsupportedVersion: "Only HTTP/1.1 and HTTP/1.0 are spoken here."
    case .headTooLarge: "The request head is longer than 16384 bytes."
    case .tooManyFields: "The request has more than 100 header fields."
    case .bareLineEnd: "A line of the request head does not end in CR LF."
    case .controlByte: "The request head contains a control character."
    case .malformedField: "A header field is malformed."
    case .malformedHost: "The request needs exactly one valid Host field."
    case .malformedContentLength: "Content-Length is not one decimal number."
    case .conflictingLengths: "Content-Length and Transfer-Encoding exclude each other."
    case .unknownTransferEncoding: "The transfer coding is not supported."
    case .chunkedBody: "A request body needs a Content-Length."
    case .bodyTooLarge: "The request body is longer than 65536 bytes."
    }
  }
}
