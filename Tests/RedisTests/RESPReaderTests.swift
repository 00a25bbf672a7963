import Redis
import TestSupport
import Testing

@Suite("RESPReader")
struct RESPReaderTests {
  private let sample: [RESPValue] = [
    .simpleString("OK"),
    .error("NOPERM this user has no permissions"),
    .integer(.max),
    .integer(-7),
    .bulk(nil),
    .bulk([]),
    .bulk([0, 13, 10, 255]),
    .array(nil),
    .array([]),
    .array([.text("message"), .text("stream.score_updates"), .text("1F600")]),
    .array([.text("message"), .text("stream.score_updates"), .text("2665")]),
    .array([
      .text("pmessage"), .text("stream.tweet_updates.*"), .text("stream.tweet_updates.2665"), .text("{}"),
    ]),
    .array([.integer(1), .array([.array([]), .text("deep"), .array(nil)]), .bulk(nil), .error("ERR inside")]),
  ]

  @Test("gives the same replies wherever the bytes are divided")
  func everySplit() throws {
    let bytes = sample.flatMap { encoded($0) }
    #expect(try read([bytes]) == sample)
    #expect(try read(bytes.map { [$0] }) == sample)
    for cut in bytes.indices {
      #expect(try read([Array(bytes[..<cut]), Array(bytes[cut...])]) == sample, "cut at \(cut)")
    }
  }

  @Test("gives random replies in random pieces", arguments: [1, 2, 3, 4, 5] as [UInt64])
  func randomPieces(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let values = (0..<300).map { _ in Self.randomValue(depth: 6, using: &random) }
    let bytes = values.flatMap { encoded($0) }
    var pieces: [[UInt8]] = []
    var index = 0
    while index < bytes.count {
      let end = min(bytes.count, index + Int.random(in: 0...3000, using: &random))
      pieces.append(Array(bytes[index..<end]))
      index = end
    }
    #expect(try read(pieces) == values, "seed \(seed)")
  }

  @Test("reads a long list of totals")
  func longList() throws {
    let list = RESPValue.array((0..<140_000).map { .text("id-\($0)") })
    let bytes = encoded(.array([.bulk(nil), .integer(1), list]))
    let pieces = stride(from: 0, to: bytes.count, by: 65_536).map {
      Array(bytes[$0..<min($0 + 65_536, bytes.count)])
    }
    #expect(try read(pieces) == [.array([.bulk(nil), .integer(1), list])])
  }

  @Test("refuses more buffered bytes than its limit, and accepts exactly as many")
  func bufferLimit() throws {
    let header = Array("$5000\r\n".utf8)
    // hiredis has consumed the dollar sign already.
    let room = 1000 - (header.count - 1)
    #expect(try read([header, [UInt8](repeating: 1, count: room)], maximumByteCount: 1000) == [])
    #expect(throws: RESPError.tooLarge(limit: 1000)) {
      try read([header, [UInt8](repeating: 1, count: room + 1)], maximumByteCount: 1000)
    }
  }

  @Test("refuses a reply above its limit even if each part is small")
  func replyLimit() throws {
    let part = encoded(.text("0123456789"))
    let count = 1000 / (MemoryLayout<RESPValue>.stride + 10)
    let fits = [Array("*\(count - 1)\r\n".utf8)] + Array(repeating: part, count: count - 1)
    #expect(try read(fits, maximumByteCount: 1000).count == 1)
    #expect(throws: RESPError.tooLarge(limit: 1000)) {
      try read(
        [Array("*\(count + 1)\r\n".utf8)] + Array(repeating: part, count: count + 1), maximumByteCount: 1000)
    }
  }

  @Test("limits each reply separately")
  func limitIsPerReply() throws {
    let pieces = Array(repeating: encoded(.text("0123456789")), count: 1000)
    #expect(try read(pieces, maximumByteCount: 100).count == 1000)
  }

  @Test("allocates nothing for a list that is only announced")
  func announcedList() throws {
    #expect(throws: RESPError.tooLarge(limit: 1 << 20)) {
      try read([Array("*2147483647\r\n".utf8)], maximumByteCount: 1 << 20)
    }
  }

  @Test(
    "refuses bytes that violate the protocol",
    arguments: [
      "x\r\n", ":12a\r\n", "*-2\r\n", "$-2\r\n", "$x\r\n", "*99999999999\r\n", "$99999999999999999999\r\n",
    ])
  func malformed(text: String) {
    #expect(throws: RESPError.self) { try read([Array(text.utf8)]) }
  }

  @Test("accepts lists nested 7 deep and refuses deeper ones")
  func nesting() throws {
    func nested(_ depth: Int) -> RESPValue { depth == 0 ? .integer(1) : .array([nested(depth - 1)]) }
    #expect(try read([encoded(nested(7))]) == [nested(7)])
    #expect(throws: RESPError.self) { try read([encoded(nested(9))]) }
  }

  @Test("stays failed after an error")
  func staysFailed() throws {
    var reader = RESPReader()
    try reader.feed(Array("?\r\n".utf8))
    var errors: [RESPError] = []
    for _ in 0..<2 {
      do throws(RESPError) { _ = try reader.next() } catch { errors.append(error) }
    }
    do throws(RESPError) { try reader.feed(encoded(.integer(1))) } catch { errors.append(error) }
    #expect(errors.count == 3 && Set(errors.map(\.description)).count == 1)
  }

  private static func randomValue(depth: Int, using random: inout SeededGenerator) -> RESPValue {
    switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
    case 0: return .simpleString("OK")
    case 1: return .error("ERR \(UInt8.random(in: 0...255, using: &random))")
    case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
    case 3: return .bulk(nil)
    case 4: return .array(nil)
    case 5, 6:
      let count = Int.random(
        in: 0...(Int.random(in: 0...20, using: &random) == 0 ? 5000 : 140), using: &random)
      return .bulk((0..<count).map { _ in UInt8.random(in: 0...3, using: &random) })
    default:
      let count = Int.random(in: 0...4, using: &random)
      return .array((0..<count).map { _ in randomValue(depth: depth - 1, using: &random) })
    }
  }
}
