import Primitives
import Testing
import Wire

@Suite struct ReportTests {
  private static func pairs(_ numbers: [UInt8]) -> [UInt8] {
    varint(UInt64(numbers.count)) + numbers.flatMap { [$0, 1] }
  }

  private static let cases: [PayloadCase] =
    FieldCases(type: .report, field: .fieldValue).numbers(0 ... .max) { [1, 1] + varint($0) }
    + FieldCases(type: .report, field: .fieldValue).varints { [1, 1] + $0 }
    + FieldCases(type: .report, field: .fieldCount).varints { $0 }
    + [
      PayloadCase("no field", .report, [0]),
      PayloadCase("all fields", .report, pairs(ReportField.allCases.map(\.rawValue))),
      PayloadCase("a field twice", .report, pairs([3, 3]), .notAscending(.report, .fieldNumber)),
      PayloadCase("fields that descend", .report, pairs([3, 2]), .notAscending(.report, .fieldNumber)),
      PayloadCase("unknown fields twice", .report, pairs([200, 200]), .notAscending(.report, .fieldNumber)),
      PayloadCase(
        "128 fields", .report, pairs(Array(1...128)),
        .outOfRange(.report, .fieldCount, value: 128, limits: 0...127)),
      PayloadCase("a count that lies", .report, [64], .truncated(.report, .fieldNumber)),
    ]

  @Test("The count, the order and the values of fields are checked", arguments: cases)
  func field(_ example: PayloadCase) { example.check() }

  @Test("Unknown fields are skipped, up to 127 fields in all") func unknownFields() {
    let numbers = Array(1...126) + [255] as [UInt8]
    var expected = Report()
    for field in ReportField.allCases { expected[field] = 1 }
    #expect(
      decode(frame(.report, Self.pairs(numbers)), from: .edge) == Decoded(messages: [.report(expected)]))
  }

  @Test("A report is a dictionary whose fields come in ascending order") func dictionary() {
    var report = Report()
    #expect(report[.position] == nil && report.fields.isEmpty)
    report[.position] = 9
    report[.uptimeSeconds] = 1
    report[.workers] = 2
    report[.workers] = nil
    #expect(report[.position] == 9 && report[.workers] == nil)
    #expect(report.fields.map(\.field) == [.uptimeSeconds, .position])
    #expect(report.fields.map(\.value) == [1, 9])
  }

  @Test("Field numbers start at 1 without a gap, and all fit into one report") func numbers() {
    #expect(ReportField.allCases.map(\.rawValue) == Array(1...39))
    let histograms = ReportHistogram.allCases.count * (DurationHistogram.bucketCount + 1)
    #expect(ReportField.allCases.count + histograms <= Report.maximumCount)
  }

  @Test("A histogram occupies the numbers from its own on, without zeros") func histogram() {
    var report = Report()
    report[.workers] = 2
    report[.lag] = DurationHistogram(counts: [0, 7], sumMicroseconds: 300)
    let payload: [UInt8] = [3, 2, 2, 145, 7, 159] + varint(300)
    var writer = ByteWriter()
    Message.report(report).encode(into: &writer)
    #expect(writer.bytes == frame(.report, payload))
    #expect(decode(writer.bytes, from: .edge) == Decoded(messages: [.report(report)]))
    #expect(report[.deliveryLatency].count == 0)
  }

  @Test("An empty histogram is left out") func emptyHistogram() {
    var report = Report()
    report[.lag] = DurationHistogram(counts: [1], sumMicroseconds: 3)
    report[.lag] = DurationHistogram()
    #expect(report == Report())
  }
}
