import Primitives
import TestSupport
import Testing

@Suite struct ByteReaderTests {
  @Test("A reader reads back what a writer wrote") func roundTrip() throws {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<500 {
      let value = random.next() >> UInt64.random(in: 0...63, using: &random)
      var writer = ByteWriter()
      writer.write(UInt8(truncatingIfNeeded: value))
      writer.write(UInt32(truncatingIfNeeded: value))
      writer.write(value)
      writer.write(varint: value)
      writer.write(prefixed: [1, 2, 3])
      var reader = ByteReader(writer.bytes)
      #expect(try reader.readUInt8() == UInt8(truncatingIfNeeded: value))
      #expect(try reader.readUInt32() == UInt32(truncatingIfNeeded: value))
      #expect(try reader.readUInt64() == value)
      #expect(try reader.readVarint() == value)
      #expect(try reader.readPrefixed(limit: 3) == [1, 2, 3])
      #expect(reader.remaining == 0)
    }
  }

  @Test("Nothing is read past the end of the region") func region() throws {
    var reader = ByteReader([1, 2, 3, 4, 5, 6, 7, 8, 9], in: 1..<4)
    #expect(reader.remaining == 3)
    #expect(throws: ByteReaderError.truncated) { try reader.readUInt32() }
    #expect(throws: ByteReaderError.truncated) { try reader.readUInt64() }
    #expect(throws: ByteReaderError.truncated) { try reader.readBytes(count: 4) }
    #expect(throws: ByteReaderError.truncated) { try reader.readBytes(count: -1) }
    #expect(try reader.readBytes(count: 3) == [2, 3, 4])
    #expect(throws: ByteReaderError.truncated) { try reader.readUInt8() }
    #expect(throws: ByteReaderError.truncated) { try reader.readVarint() }
  }

  @Test(
    "A varint that is too long, or not in its shortest form, is malformed",
    arguments: [
      [0x80, 0x00], [0xff, 0x00], [0x80, 0x80, 0x00],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x81, 0x00],
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
    ] as [[UInt8]])
  func malformedVarint(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    #expect(throws: ByteReaderError.malformedVarint) { try reader.readVarint() }
  }

  @Test("A varint that ends early is truncated") func truncatedVarint() {
    var reader = ByteReader([0x80, 0x80])
    #expect(throws: ByteReaderError.truncated) { try reader.readVarint() }
  }

  @Test("A byte string is accepted up to its limit, and its count is checked before its bytes")
  func prefixed() throws {
    var exact = ByteReader([2, 0x61, 0x62])
    #expect(try exact.readPrefixed(limit: 2) == [0x61, 0x62])
    var tooLong = ByteReader([3, 0x61, 0x62])
    #expect(throws: ByteReaderError.tooLong(count: 3, limit: 2)) { try tooLong.readPrefixed(limit: 2) }
    var truncated = ByteReader([2, 0x61])
    #expect(throws: ByteReaderError.truncated) { try truncated.readPrefixed(limit: 2) }
    var huge = ByteReader([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])
    #expect(throws: ByteReaderError.tooLong(count: .max, limit: .max)) { try huge.readPrefixed(limit: .max) }
  }
}
