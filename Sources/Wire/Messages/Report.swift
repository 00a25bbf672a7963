import Primitives

/// The figures that an edge sends at every report interval, keyed by field.
///
/// Fields unknown to the sender are absent; the receiver skips fields unknown to it.
package struct Report: Equatable, Sendable {
  /// How many fields a report has at most, known and unknown ones together.
  package static let maximumCount = 127

  private var values: [ReportField: UInt64] = [:]
  private var histograms: [ReportHistogram: DurationHistogram] = [:]

  /// A report without any figure.
  package init() {}

  /// The value of a field; nil if the report does not have it.
  package subscript(field: ReportField) -> UInt64? {
    get { values[field] }
    set { values[field] = newValue }
  }

  /// The distribution of a histogram; empty if the report does not have it.
  package subscript(histogram: ReportHistogram) -> DurationHistogram {
    get { histograms[histogram] ?? DurationHistogram() }
    set { histograms[histogram] = newValue.count == 0 ? nil : newValue }
  }

  /// The fields that the report has, with their values, in ascending order of the fields' numbers.
  package var fields: [(field: ReportField, value: UInt64)] {
    values.map { (field: $0.key, value: $0.value) }.sorted { $0.field.rawValue < $1.field.rawValue }
  }
}

extension Report: Payload {
  static let type = MessageType.report
  static let sender: Peer? = .edge
  static var maximumLength: Int { 1 + 1 + maximumCount * (1 + 10) }

  init(from reader: inout PayloadReader) throws(WireError) {
    let count = try reader.varint(.fieldCount, in: 0...Self.maximumCount)
    var previous: UInt8?
    var figures: [ReportHistogram: [UInt64]] = [:]
    for _ in 0..<count {
      let number = try reader.byte(.fieldNumber)
      if let previous, number <= previous { throw .notAscending(.report, .fieldNumber) }
      previous = number
      let value = try reader.varint(.fieldValue)
      // A number without a field belongs to a later version.
      if let field = ReportField(rawValue: number) {
        values[field] = value
      } else if let (histogram, index) = ReportHistogram.figure(of: number) {
        figures[histogram, default: Self.noFigures][index] = value
      }
    }
    for (histogram, figures) in figures {
      self[histogram] = DurationHistogram(
        counts: figures.dropLast(), sumMicroseconds: figures[DurationHistogram.bucketCount])
    }
  }

  private static let noFigures = Array(repeating: UInt64(0), count: Int(ReportHistogram.fieldCount))

  func write(to writer: inout ByteWriter) {
    let numbered = fields.map { (number: $0.field.rawValue, value: $0.value) } + figures
    writer.write(varint: UInt64(numbered.count))
    for (number, value) in numbered {
      writer.write(number)
      writer.write(varint: value)
    }
  }

  /// The figures of the histograms, without zeros. Their numbers are above those of all fields, and ascend.
  private var figures: [(number: UInt8, value: UInt64)] {
    ReportHistogram.allCases.flatMap { histogram in
      guard let recorded = histograms[histogram] else { return [(number: UInt8, value: UInt64)]() }
      return (recorded.counts + [recorded.sumMicroseconds]).enumerated().compactMap { index, value in
        value == 0 ? nil : (histogram.rawValue + UInt8(index), value)
      }
    }
  }
}
