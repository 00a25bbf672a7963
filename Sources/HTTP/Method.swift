/// What a request asks to be done with its target (RFC 9110 §9).
///
/// Methods are compared byte for byte: `get` is not `GET`.
public enum Method: Equatable, Sendable {
  case get
  case head
  case options
  case post
  case delete
  /// Any other method, known elsewhere or not. Which one does not matter here: it is never allowed.
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

/// The version of HTTP that a request speaks (RFC 9112 §2.3).
public enum Version: Equatable, Sendable {
  case http10
  case http11
}
