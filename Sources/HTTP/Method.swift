/// The method of a request (RFC 9110 §9).
///
/// Methods are compared byte for byte: `get` is not `GET`.
package enum Method: Equatable, Sendable {
  case get
  case head
  case options
  case post
  case delete
  /// Any other method. Its name does not matter: it is never allowed.
  case other

  init(_ token: ArraySlice<UInt8>) {
    if token.elementsEqual("GET".utf8) {
      self = .get
    } else if token.elementsEqual("HEAD".utf8) {
      self = .head
    } else if token.elementsEqual("OPTIONS".utf8) {
      self = .options
    } else if token.elementsEqual("POST".utf8) {
      self = .post
    } else if token.elementsEqual("DELETE".utf8) {
      self = .delete
    } else {
      self = .other
    }
  }
}

/// The HTTP version of a request (RFC 9112 §2.3).
package enum Version: Equatable, Sendable {
  case http10
  case http11
  /// RFC 9113.
  case http2
}
