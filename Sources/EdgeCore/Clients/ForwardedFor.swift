import PlantedFaults

/// Finds the address of a client behind proxies, from `X-Forwarded-For`, or else from `Forwarded` (RFC 7239).
///
/// Each proxy appends the address of its peer. So the field is true from its right end for as long as the proxies
/// that wrote it are trusted. A client may have invented everything to the left of that.
package enum ForwardedFor {
  /// How many addresses are examined, from the right.
  package static let hopsMaximum = 32
  /// How many bytes are examined, from the right; each element counts one more for its comma or line end.
  package static let bytesMaximum = 2048

  /// The address of the client.
  ///
  /// This is the first address from the right that is not trusted. The walk ends at the limits, when all addresses
  /// are trusted, and at an element that is not an address (`unknown`, a name, a socket's path). Then the last address
  /// before that is the client's. Empty elements are ignored (RFC 9110 §5.6.1).
  ///
  /// - Parameters:
  ///   - peer: the peer of the connection, or the source that a required PROXY header gave; nil for a unix socket.
  ///   - fields: the values of **all** fields `X-Forwarded-For`, in their order. The first alone may come from the
  ///     client.
  ///   - forwarded: the values of all fields `Forwarded`. They count only without `X-Forwarded-For`: a proxy that
  ///     writes `Forwarded` must remove a client's own `X-Forwarded-For`.
  ///   - trusted: the proxies that are believed.
  ///   - trustsUnixPeer: whether a peer on a unix socket is believed; the operator chooses.
  /// - Returns: nil if no trusted peer gave an address.
  package static func clientAddress(
    peer: NetworkAddress?, fields: [String], forwarded: [String] = [], trusted: NetworkList,
    trustsUnixPeer: Bool
  ) -> NetworkAddress? {
    guard peer.map(trusted.contains) ?? trustsUnixPeer || planted(.forwardedAddressBelieved) else {
      return peer
    }
    var known = peer
    var hopsLeft = hopsMaximum
    var bytesLeft = bytesMaximum
    let isList = !fields.isEmpty
    for field in (isList ? fields : forwarded).reversed() {
      // The search for a comma is limited too, however long the field is.
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
  /// The slice without spaces and tabs at its ends.
  var trimmed: ArraySlice {
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    guard let last = lastIndex(where: { !isBlank($0) }) else { return [] }
    return self[...last].drop(while: isBlank)
  }
}
