import Testing
import Wire

@Suite struct HelloTests {
  private static func payload(
    magic: String = "EMTR", versions: [UInt8] = [1, 1], node: [UInt8] = prefixed("edge"),
    software: [UInt8] = prefixed("1.0"), lineage: [UInt8] = prefixed(""), position: [UInt8] = [0]
  ) -> [UInt8] {
    Array(magic.utf8) + versions + node + software + lineage + position
  }

  private static func field(_ field: MessageField) -> FieldCases { FieldCases(type: .hello, field: field) }

  private static let names: [PayloadCase] =
    field(.node).lengths(1...63) { payload(node: $0) }
    + field(.node).malformedUTF8 { payload(node: $0) }
    + field(.node).forbidden(["Edge", "-a", "a.", "a_b", "\u{212a}", "a\n"]) { payload(node: $0) }
    + field(.softwareVersion).lengths(1...64) { payload(software: $0) }
    + field(.softwareVersion).malformedUTF8 { payload(software: $0) }
    + field(.softwareVersion).forbidden(["\u{1f}", "\u{7f}", "é"]) { payload(software: $0) }
    + field(.lastLineage).lengths(0...64) { payload(lineage: $0) }
    + field(.lastLineage).malformedUTF8 { payload(lineage: $0) }
    + field(.lastLineage).forbidden(["a-b", " ", "é"]) { payload(lineage: $0) }

  private static let numbers: [PayloadCase] =
    field(.lowestVersion).numbers(1...255) { payload(versions: [UInt8(clamping: $0), 255]) }
    .filter { $0.error == nil || $0.payload[4] == 0 }
    + field(.highestVersion).numbers(7...255) { payload(versions: [7, UInt8(clamping: $0)]) }
    .filter { $0.error == nil || $0.payload[5] == 6 }
    + field(.lastPosition).numbers(0 ... .max) { payload(position: varint($0)) }
    + field(.lastPosition).varints { payload(position: $0) }

  @Test("Names are checked for their length and characters", arguments: names)
  func name(_ example: PayloadCase) { example.check() }

  @Test("Versions and the position are checked for their limits", arguments: numbers)
  func number(_ example: PayloadCase) { example.check() }

  @Test("A hello without its magic is refused", arguments: ["EMTS", "emtr", "GET ", "\0\0\0\0"])
  func magic(_ magic: String) {
    PayloadCase(magic, .hello, Self.payload(magic: magic), .wrongMagic).check()
  }
}
