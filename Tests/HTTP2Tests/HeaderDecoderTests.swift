import TestSupport
import Testing

@testable import HTTP2

/// Bytes from their hexadecimal digits.
func hex(_ text: String) -> [UInt8] {
  let digits = text.filter { $0 != " " }.map { UInt8($0.hexDigitValue ?? 0) }
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

extension HeaderDecoder {
  /// The fields of a block as text.
  mutating func fields(_ block: [UInt8]) throws(HTTP2ErrorCode) -> [String] {
    var fields: [String] = []
    try decode(block) {
      fields.append(
        String(decoding: $0.name, as: UTF8.self) + "=" + String(decoding: $0.value, as: UTF8.self))
    }
    return fields
  }
}

@Suite struct HeaderDecoderTests {
  @Test("The requests of RFC 7541, appendix C.3, without Huffman code")
  func plainRequests() throws {
    var decoder = HeaderDecoder()
    #expect(
      try decoder.fields(hex("8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d"))
        == [":method=GET", ":scheme=http", ":path=/", ":authority=www.example.com"])
    #expect(
      try decoder.fields(hex("8286 84be 5808 6e6f 2d63 6163 6865")).suffix(2)
        == [":authority=www.example.com", "cache-control=no-cache"])
    #expect(
      try decoder.fields(hex("8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65"))
        == [
          ":method=GET", ":scheme=https", ":path=/index.html", ":authority=www.example.com",
          "custom-key=custom-value",
        ])
  }

  @Test("The same with Huffman code, appendix C.4")
  func codedRequests() throws {
    var decoder = HeaderDecoder()
    #expect(
      try decoder.fields(hex("828684418cf1e3c2e5f23a6ba0ab90f4ff")).last == ":authority=www.example.com")
    #expect(try decoder.fields(hex("828684be5886a8eb10649cbf")).last == "cache-control=no-cache")
    #expect(
      try decoder.fields(hex("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf")).suffix(2)
        == [":authority=www.example.com", "custom-key=custom-value"])
  }

  @Test("A field that never enters the table, and one that does not, are fields like others")
  func literals() throws {
    var decoder = HeaderDecoder()
    #expect(try decoder.fields(hex("00 01 61 01 62 10 01 63 01 64 04 01 2f")) == ["a=b", "c=d", ":path=/"])
    #expect(throws: HTTP2ErrorCode.compressionError) { try decoder.fields([0xbe]) }
  }

  @Test("A peer that empties its table, as our settings ask, keeps nothing in it")
  func emptied() throws {
    var decoder = HeaderDecoder()
    _ = try decoder.fields(hex("40 01 61 01 62"))
    #expect(try decoder.fields([0xbe]) == ["a=b"])
    #expect(try decoder.fields([0x20] + hex("40 01 61 01 63")) == ["a=c"])
    #expect(throws: HTTP2ErrorCode.compressionError) { try decoder.fields([0xbe]) }
  }

  @Test("The size of the table may change at the beginning of a block, up to the protocol's default")
  func sizes() throws {
    var decoder = HeaderDecoder()
    #expect(try decoder.fields(hex("3f 61 3f e1 1f 82")) == [":method=GET"])
    #expect(throws: HTTP2ErrorCode.compressionError) { try decoder.fields(hex("3f e2 1f 82")) }
  }

  @Test("The table drops the oldest fields, and a field that is too large empties it")
  func eviction() throws {
    var decoder = HeaderDecoder()
    // A table of 70 bytes has room for two fields of 34.
    _ = try decoder.fields([0x3f, 39] + hex("40 01 61 01 31 40 01 62 01 32 40 01 63 01 33"))
    #expect(try decoder.fields([0xbe, 0xbf]) == ["c=3", "b=2"])
    #expect(throws: HTTP2ErrorCode.compressionError) { try decoder.fields([0xc0]) }
    var other = HeaderDecoder()
    let large =
      [0x40, 0x01, 0x61, 0x7f, 0xff, 0x1f] + [UInt8](repeating: 0x62, count: 127 + 0x7f + 0x1f * 128 - 0)
    _ = try other.fields(hex("40 01 61 01 31"))
    #expect(try other.fields(large).first?.utf8.count == 2 + large.count - 6)
    #expect(throws: HTTP2ErrorCode.compressionError) { try other.fields([0xbe]) }
  }

  @Test(
    "A malformed block is an error of compression",
    arguments: [
      "80", "c6", "ff ff ff ff 7f", "82 20", "3f e2 1f", "7f", "00 05 61", "00 81 ff 00", "40", "be", "00 85",
      // Padding of eight bits, padding with zeros, and the end symbol.
      "00 01 61 82 1f ff", "00 01 61 81 18", "00 01 61 84 ff ff ff fc",
    ])
  func malformed(block: String) {
    var decoder = HeaderDecoder()
    #expect(throws: HTTP2ErrorCode.compressionError) { try decoder.fields(hex(block)) }
  }

  @Test("Every byte has its Huffman code")
  func allSymbols() throws {
    let coded = hex(Self.allBytesCoded)
    #expect(HuffmanCode.decode(coded[...]) == Array(0...255))
  }

  /// The bytes from 0 to 255, coded by another implementation (`hpack` 4.1 of Python).
  static let allBytesCoded =
    "ffc7fffd8fffffe2fffffe3fffffe4fffffe5fffffe6fffffe7fffffe8ffffeafffffff3fffffa7fffffabffffffdfff"
    + "ffebfffffecfffffedfffffeefffffefffffff0ffffff1ffffff2fffffffbfffffcffffffd3fffffd7fffffdbfffffdf"
    + "fffffe3fffffe7fffffebfffffed4fe3f9ffaffcabf1febfafefe7fdfd2cbb00089969b71d79fb9f7fff20ffbff3ff50"
    + "ddbd7f061c58f265cd9f469d5af66dddbf871e5f9cff7ff7fffc3ff9ffe45fff4719242cb34e6e9d68a6a3d7dac426de"
    + "fe3cfaf7fffbfe7ffbffdffffffcfffe6ffff4bfff9ffffa3fffd3ffff53fffd5ffffb3fffeb7fffdaffffb7ffff73ff"
    + "feeffffdeffffebffffbfffffd9ffffdbfffebffffe0ffffeeffffc3ffff8bffff1ffffe4fffee7fffb1ffff97fffd9f"
    + "fffcdffff9fffffbffffdafffeeffff4ffffb7fffee7fffe8ffffd3fffdeffffd5fffeeffffbdffffe1fffdfffff7fff"
    + "ff5ffffecffff07fff87fffe0ffff17fffedffff87ffff77fffeffffeaffff8bfffe3ffff93ffff87fffcbffff37ffff"
    + "1fffff83ffffe1fffebfffe3ffff3fffff2ffffa3ffffd9fffff17ffffc7fffff27ffffdefffffbffffff2fffff8ffff"
    + "fb7fff97fff8fffffe6fffffc1fffff87ffffe7fffffc5ffffe5fffe4ffff2fffffd1fffff4ffffffefffffe3fffffc9"
    + "fffff97fffb3ffffcffffb7fffcdffff4ffff9ffffd1ffffcffffeaffffafffffddffffeffffff4fffff5fffffabffff"
    + "a7ffffd7fffff9bffffecfffffb7fffff3fffffe8fffffd3fffffabfffff5fffffff7ffffecfffffdbfffffbbfffff7f"
    + "fffff0fffffbbf"

  @Test("Random blocks are decoded without harm")
  func garbage() {
    var random = SeededGenerator(seed: 7_541)
    var decoded = 0
    for _ in 0..<5_000 {
      var decoder = HeaderDecoder()
      let block = (0..<Int.random(in: 1...40, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      if (try? decoder.fields(block)) != nil { decoded += 1 }
    }
    #expect(decoded > 20)
  }
}
