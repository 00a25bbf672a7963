import Testing
import Wire

@Suite struct WelcomeTests {
  private static func payload(
    version: UInt8 = 1, node: [UInt8] = prefixed("hub"), software: [UInt8] = prefixed("1"),
    tick: [UInt8] = [17], ping: [UInt8] = varint(1_000), report: [UInt8] = varint(5_000)
  ) -> [UInt8] {
    [version] + node + software + tick + ping + report
  }

  private static func field(_ field: MessageField) -> FieldCases { FieldCases(type: .welcome, field: field) }

  private static let cases: [PayloadCase] =
    field(.node).lengths(1...63) { payload(node: $0) }
    + field(.node).forbidden(["Hub", "a-"]) { payload(node: $0) }
    + field(.softwareVersion).lengths(1...64) { payload(software: $0) }
    + field(.softwareVersion).forbidden(["\n"]) { payload(software: $0) }
    + field(.tickInterval).numbers(1...1_000) { payload(tick: varint($0)) }
    + field(.tickInterval).varints { payload(tick: $0) }
    + field(.pingInterval).numbers(100...60_000) { payload(ping: varint($0)) }
    + field(.pingInterval).varints { payload(ping: $0) }
    + field(.reportInterval).numbers(100...600_000) { payload(report: varint($0)) }
    + field(.reportInterval).varints { payload(report: $0) }
    + [
      PayloadCase("version 255", .welcome, payload(version: 255)),
      PayloadCase(
        "version 0", .welcome, payload(version: 0),
        .outOfRange(.welcome, .version, value: 0, limits: 1...255)),
    ]

  @Test("The version, the names and the intervals are checked", arguments: cases)
  func field(_ example: PayloadCase) { example.check() }
}
