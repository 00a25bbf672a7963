/// The path and the query of a request target (RFC 9112 §3.2).
///
/// Nothing is normalized: `/a//b`, `/a/./b` and `/a/b/` are three paths, none of them `/a/b`.
package struct RequestTarget: Equatable, Sendable {
  /// The path as sent, from the first slash up to the query; `*` for the asterisk form.
  package let path: String
  /// The parts of the path between slashes, percent-decoded exactly once. They may contain any byte, including `/`.
  ///
  /// `/` has one empty segment, `/a/` has two, and the asterisk form (`OPTIONS *`) has none.
  package let segments: [[UInt8]]

  private let query: [UInt8]

  /// Parses the origin form, the absolute form (its authority is not used), and for OPTIONS the asterisk form.
  init(parsing bytes: ArraySlice<UInt8>, method: Method) throws(RequestHeadError) {
    guard bytes.allSatisfy({ $0 > .space && $0 < 0x7f && $0 != UInt8(ascii: "#") }) else {
      throw .malformedTarget
    }
    if bytes.elementsEqual("*".utf8) {
      guard method == .options else { throw .malformedTarget }
      (path, segments, query) = ("*", [], [])
      return
    }
    let pathAndQuery = try Self.withoutAuthority(bytes)
    let rawPath = pathAndQuery.prefix { $0 != UInt8(ascii: "?") }
    query = Array(pathAndQuery[rawPath.endIndex...].dropFirst())
    path = rawPath.isEmpty ? "/" : String(decoding: rawPath, as: UTF8.self)
    let parts = rawPath.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    var decoded: [[UInt8]] = []
    for part in parts {
      guard let segment = PercentEncoding.decode(part) else { throw .malformedTarget }
      decoded.append(segment)
    }
    segments = decoded
  }

  /// The value of the first query item with that name (``queryValues(named:)``); nil if there is none.
  package func queryValue(named name: String) -> [UInt8]? { queryValues(named: name).first { _ in true } }

  /// The values of all query items with one of the names, in order, percent-decoded once, `+` read as a space.
  ///
  /// An item without `=` has an empty value. An item with a broken percent-encoding is skipped. At most
  /// ``RequestLimits/queryItems`` are read.
  package func queryValues(named names: String...) -> some Sequence<[UInt8]> {
    let items = query.split(separator: UInt8(ascii: "&"), maxSplits: RequestLimits.queryItems)
    return items.prefix(RequestLimits.queryItems).lazy.compactMap { item in
      let key = item.prefix { $0 != UInt8(ascii: "=") }
      guard let decodedKey = PercentEncoding.decode(key, plusIsSpace: true),
        names.contains(where: { decodedKey.elementsEqual($0.utf8) })
      else { return nil }
      return PercentEncoding.decode(item[key.endIndex...].dropFirst(), plusIsSpace: true)
    }
  }

  private static func withoutAuthority(
    _ bytes: ArraySlice<UInt8>
  ) throws(RequestHeadError) -> ArraySlice<UInt8> {
    if bytes.first == UInt8(ascii: "/") { return bytes }
    let scheme = bytes.prefix { $0 != .colon }
    let name = scheme.map(\.lowercased)
    guard name.elementsEqual("http".utf8) || name.elementsEqual("https".utf8) else { throw .malformedTarget }
    let rest = bytes[scheme.endIndex...]
    guard rest.starts(with: "://".utf8) else { throw .malformedTarget }
    let authority = rest.dropFirst(3).prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
    guard !authority.isEmpty, authority.allSatisfy(\.isAuthorityByte) else { throw .malformedTarget }
    return rest[authority.endIndex...]
  }
}
