import Testing
import Wire

/// The messages whose fields are only numbers: ping and pong, gap, and feed.
@Suite struct SmallMessageTests {
  private static let gaps: [PayloadCase] =
    FieldCases(type: .gap, field: .skippedRaw).numbers(0 ... .max) { varint($0) + [0] }
    + FieldCases(type: .gap, field: .skippedRaw).varints { $0 + [0] }
    + FieldCases(type: .gap, field: .skippedTopicEvents).numbers(0 ... .max) { [0] + varint($0) }
    + FieldCases(type: .gap, field: .skippedTopicEvents).varints { [0] + $0 }

  private static let feeds: [PayloadCase] =
    FieldCases(type: .feed, field: .state).choices(1...2) { [$0, 0] }
    + FieldCases(type: .feed, field: .isAnchored).choices(0...1) { [1, $0] }

  @Test("A gap has any two counts", arguments: gaps)
  func gap(_ example: PayloadCase) { example.check() }

  @Test("A feed has a state and a flag", arguments: feeds)
  func feed(_ example: PayloadCase) { example.check() }

  @Test(
    "Ping and pong have any stamp of eight bytes", arguments: [MessageType.ping, .pong], [0, .max] as [UInt8])
  func stamp(_ type: MessageType, _ byte: UInt8) {
    let stamp = [UInt8](repeating: byte, count: 8)
    PayloadCase("8 bytes", type, stamp).check()
    PayloadCase("7 bytes", type, Array(stamp.dropLast()), .truncated(type, .stamp)).check()
    PayloadCase("9 bytes", type, stamp + [byte], .messageTooLong(type, length: 10, limit: 9)).check()
  }
}
