import Primitives

extension ArraySlice<UInt8> {
  /// The bytes without the spaces and tabs at both ends (`OWS`, RFC 9110 §5.6.3).
  var trimmed: ArraySlice<UInt8> {
    let isWhitespace = { (byte: UInt8) in byte == .space || byte == .horizontalTab }
    var rest = self.drop(while: isWhitespace)
    while let last = rest.last, isWhitespace(last) { rest.removeLast() }
    return rest
  }
}
