import Primitives

/// What an edge says of itself at every report interval: a small dictionary of figures.
///
/// Fields that the sender does not know of are absent; fields that the receiver does not know of are skipped.
public struct Report: Equatable, Sendable {
  /// How many fields a report has at most, known and unknown ones together.
  public static let maximumCount = 64

  private var values: [ReportField: UInt64] = [:]

  /// A report without any figure.
  public init() {}

  /// The value of a field; nil if the report does not have it.
  public subscript(field: ReportField) -> UInt64? {
    get { values[field] }
    set { values[field] = newValue }
  }

  /// The fields that the report has, with their values, in ascending order of the fields' numbers.
  public var fields: [(field: ReportField, value: UInt64)] {
    values.map { (field: $0.key, value: $0.value) }.sorted { $0.field.rawValue < $1.field.rawValue }
  }
}

extension Report: Payload {
  static let type = MessageType.report

  init(from reader: inout PayloadReader) throws(WireError) {
    let count = try reader.varint(.fieldCount, in: 0...Self.maximumCount)
    var previous: UInt8?
    for _ in 0..<count {
      let number = try reader.byte(.fieldNumber)
      if let previous, number <= previous { throw .notAscending(.report, .fieldNumber) }
      previous = number
      let value = try reader.varint(.fieldValue)
      // A field of a later version is none of ours.
      if let field = ReportField(rawValue: number) { values[field] = value }
    }
  }

  func write(to writer: inout ByteWriter) {
    let fields = fields
    writer.write(varint: UInt64(fields.count))
    for (field, value) in fields {
      writer.write(field.rawValue)
      writer.write(varint: value)
    }
  }
}
