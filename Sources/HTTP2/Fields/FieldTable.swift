/// The fields that a block can name by an index (RFC 7541 §2.3): the static table, and behind it the fields that the
/// peer added last.
///
/// Our settings ask the peer to add nothing, and every usual client obeys. Before it has read them it may use the
/// protocol's default size, and a peer that goes on with that is read too: it is little memory.
struct FieldTable: Sendable {
  /// The most bytes of the dynamic part: the protocol's default.
  static let limit = 4_096

  /// The added fields; the latest is last.
  private var added: [HeaderField] = []
  private var size = 0
  private var maximum = limit

  /// The field with an index from 1 on; nil if there is none.
  func field(at index: Int) -> HeaderField? {
    guard index > 0 else { return nil }
    if index <= Self.fixed.count { return Self.fixed[index - 1] }
    let age = index - Self.fixed.count
    return age <= added.count ? added[added.count - age] : nil
  }

  /// Adds a field, and drops the oldest ones beyond the size. A field that is too large empties the table.
  mutating func add(_ field: HeaderField) {
    added.append(field)
    size += field.size
    evict()
  }

  /// The peer chooses a size; false above the limit.
  mutating func setMaximum(_ maximum: Int) -> Bool {
    guard maximum <= Self.limit else { return false }
    self.maximum = maximum
    evict()
    return true
  }

  private mutating func evict() {
    var count = 0
    while size > maximum {
      size -= added[count].size
      count += 1
    }
    if count == added.count { added = [] } else { added.removeFirst(count) }
  }

  /// The index of the first field of a name in the static table; 0 for none.
  static func fixedIndex(of name: [UInt8]) -> Int {
    (fixed.firstIndex { $0.name == name } ?? -1) + 1
  }

  /// The static table (RFC 7541 Appendix A).
  private static let fixed: [HeaderField] = [
    HeaderField(":authority"), HeaderField(":method", "GET"), HeaderField(":method", "POST"),
    HeaderField(":path", "/"), HeaderField(":path", "/index.html"), HeaderField(":scheme", "http"),
    HeaderField(":scheme", "https"), HeaderField(":status", "200"), HeaderField(":status", "204"),
    HeaderField(":status", "206"), HeaderField(":status", "304"), HeaderField(":status", "400"),
    HeaderField(":status", "404"), HeaderField(":status", "500"), HeaderField("accept-charset"),
    HeaderField("accept-encoding", "gzip, deflate"), HeaderField("accept-language"),
    HeaderField("accept-ranges"), HeaderField("accept"), HeaderField("access-control-allow-origin"),
    HeaderField("age"), HeaderField("allow"), HeaderField("authorization"), HeaderField("cache-control"),
    HeaderField("content-disposition"), HeaderField("content-encoding"), HeaderField("content-language"),
    HeaderField("content-length"), HeaderField("content-location"), HeaderField("content-range"),
    HeaderField("content-type"), HeaderField("cookie"), HeaderField("date"), HeaderField("etag"),
    HeaderField("expect"), HeaderField("expires"), HeaderField("from"), HeaderField("host"),
    HeaderField("if-match"), HeaderField("if-modified-since"), HeaderField("if-none-match"),
    HeaderField("if-range"), HeaderField("if-unmodified-since"), HeaderField("last-modified"),
    HeaderField("link"), HeaderField("location"), HeaderField("max-forwards"),
    HeaderField("proxy-authenticate"), HeaderField("proxy-authorization"), HeaderField("range"),
    HeaderField("referer"), HeaderField("refresh"), HeaderField("retry-after"), HeaderField("server"),
    HeaderField("set-cookie"), HeaderField("strict-transport-security"), HeaderField("transfer-encoding"),
    HeaderField("user-agent"), HeaderField("vary"), HeaderField("via"), HeaderField("www-authenticate"),
  ]
}
