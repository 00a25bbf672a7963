/// The bytes of an HTTP/2 client, written by hand (RFC 9113).
enum HTTP2Bytes {
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt8 = 0, _ payload: [UInt8] = []) -> [UInt8] {
    [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xff), type, flags, 0, 0, 0, stream] + payload
  }

  /// A block of header fields that requests a path of up to 126 bytes.
  static func request(_ path: String = "/subscribe/eps", fields: [(name: String, value: String)] = [])
    -> [UInt8]
  {
    let further = fields.map { name, value -> [UInt8] in
      [0, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
    }
    // GET, http, and literals for the authority and the path.
    return [0x82, 0x86, 0x01, 0x01, 0x61, 0x04, UInt8(path.utf8.count)] + Array(path.utf8) + further.joined()
  }

  /// The first bytes of a client that opens one stream.
  static func opening(
    settings: [UInt8] = [], _ path: String = "/subscribe/eps", fields: [(name: String, value: String)] = []
  ) -> [UInt8] {
    preface + frame(4, settings) + frame(1, flags: 5, stream: 1, request(path, fields: fields))
  }
}
