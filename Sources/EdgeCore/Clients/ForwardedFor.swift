/// Finds who a client is behind proxies, from what they wrote into `X-Forwarded-For`, or else into `Forwarded` (RFC 7239).
///
/// Each proxy appends the address of its peer. So the field is true from its right end for as long as the proxies
/// that wrote it are trusted. A client may have invented everything to the left of that.
public enum ForwardedFor {
  /// How many addresses are looked at, from the right.
  public static let hopsMaximum = 32
  /// How many bytes are looked at, from the right; each element counts one more for its comma or line end.
  public static let bytesMaximum = 2048

  /// The address of the client.
  ///
  /// It is the first from the right that is not trusted. Where all are trusted, where something is no address (`unknown`, a
  /// name, a socket's path), and at the limits, the walk ends, and the last address before that is the one that is known.
  /// Empty elements are ignored (RFC 9110 §5.6.1).
  ///
  /// - Parameters:
  ///   - peer: who is at the other end of the connection, or the source that a required PROXY header told; nil for a
  ///     unix socket.
  ///   - fields: the values of **all** fields `X-Forwarded-For`, in their order. The first alone may be the client's own.
  ///   - forwarded: those of all fields `Forwarded`. They count if there are no others: a proxy that writes these must
  ///     remove a client's own `X-Forwarded-For`.
  ///   - trusted: the proxies whose word counts.
  ///   - trustsUnixPeer: whether the word of a peer on a unix socket counts, as the operator says.
  /// - Returns: nil if nobody trustworthy told an address.
  public static func clientAddress(
    peer: NetworkAddress?, fields: [String], forwarded: [String] = [], trusted: NetworkList,
    trustsUnixPeer: Bool
  ) -> NetworkAddress? {
    guard peer.map(trusted.contains) ?? trustsUnixPeer else { return peer }
    var known = peer
    var hopsLeft = hopsMaximum
    var bytesLeft = bytesMaximum
    let isList = !fields.isEmpty
    for field in (isList ? fields : forwarded).reversed() {
      // Only as much is searched for a comma as may be looked at, however long the field is.
      var rest: Substring.UTF8View? = field.utf8[...]
      while let text = rest {
        let tail = text.suffix(bytesLeft)
        let comma =
          isList ? tail.lastIndex(of: UInt8(ascii: ",")) : ForwardedElement.lastComma(in: tail)
        let element = comma.map { text[text.index(after: $0)...] } ?? text
        rest = comma.map { text[..<$0] }
        bytesLeft -= element.count + 1
        guard bytesLeft >= 0 else { return known }
        let hop = Array(element)[...].trimmed
        if hop.isEmpty { continue }
        hopsLeft -= 1
        guard hopsLeft >= 0,
          let address = isList ? NetworkAddress(withPort: hop) : ForwardedElement.address(in: hop)
        else { return known }
        guard trusted.contains(address) else { return address }
        known = address
      }
    }
    return known
  }
}

extension ArraySlice<UInt8> {
  /// Without the spaces and tabs at its ends.
  var trimmed: ArraySlice {
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    guard let last = lastIndex(where: { !isBlank($0) }) else { return [] }
    return self[...last].drop(while: isBlank)
  }
}
