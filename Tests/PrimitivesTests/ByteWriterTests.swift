import Primitives
import Testing

@Suite struct ByteWriterTests {
  @Test("Integers of fixed width are written with the most significant byte first") func fixedWidth() {
    var writer = ByteWriter(capacity: 16)
    writer.write(0x01 as UInt8)
    writer.write(0x0203 as UInt16)
    writer.write(0x0405_0607 as UInt32)
    writer.write(0x0809_0a0b_0c0d_0e0f as UInt64)
    #expect(writer.bytes == Array(1...15))
    #expect(writer.count == 15)
  }

  @Test(
    "A varint is written in its shortest form",
    arguments: [
      (0, [0x00]), (1, [0x01]), (127, [0x7f]), (128, [0x80, 0x01]), (300, [0xac, 0x02]),
      (16_383, [0xff, 0x7f]), (16_384, [0x80, 0x80, 0x01]),
      (.max, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
    ] as [(UInt64, [UInt8])])
  func varint(_ value: UInt64, _ bytes: [UInt8]) {
    var writer = ByteWriter()
    writer.write(varint: value)
    #expect(writer.bytes == bytes)
  }

  @Test("Byte strings are written without or with their count") func byteStrings() {
    var writer = ByteWriter()
    writer.write(raw: "ab".utf8)
    writer.write(prefixed: "cde".utf8)
    writer.write(prefixed: [UInt8]())
    #expect(writer.bytes == [0x61, 0x62, 3, 0x63, 0x64, 0x65, 0])
  }

  @Test("A length can be filled in afterwards, and no other byte changes") func overwrite() {
    var writer = ByteWriter()
    writer.write(raw: [9, 0, 0, 0, 0, 9])
    writer.overwrite(0x0102_0304, at: 1)
    #expect(writer.bytes == [9, 1, 2, 3, 4, 9])
  }

  @Test("After removing all, writing starts from the beginning") func removeAll() {
    var writer = ByteWriter()
    writer.write(7 as UInt32)
    writer.removeAll()
    #expect(writer.count == 0)
    writer.write(8 as UInt8)
    #expect(writer.bytes == [8])
  }
}
