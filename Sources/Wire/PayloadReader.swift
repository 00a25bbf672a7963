import Primitives

/// Reads the fields of one message, and knows its type so that every error can name it.
struct PayloadReader {
  private let type: MessageType
  private var bytes: ByteReader

  init(_ type: MessageType, _ bytes: ByteReader) {
    self.type = type
    self.bytes = bytes
  }

  /// Ends the message: nothing may be left.
  func finish() throws(WireError) {
    guard bytes.remaining == 0 else { throw .trailingBytes(type, count: bytes.remaining) }
  }

  mutating func byte(_ field: MessageField) throws(WireError) -> UInt8 {
    do { return try bytes.readUInt8() } catch { throw wireError(error, field) }
  }

  mutating func byte(_ field: MessageField, in limits: ClosedRange<UInt8>) throws(WireError) -> UInt8 {
    let value = try byte(field)
    guard limits.contains(value) else {
      throw .outOfRange(
        type, field, value: UInt64(value), limits: UInt64(limits.lowerBound)...UInt64(limits.upperBound))
    }
    return value
  }

  mutating func flag(_ field: MessageField) throws(WireError) -> Bool {
    let value = try byte(field)
    guard value <= 1 else { throw .unknownValue(type, field, value) }
    return value == 1
  }

  mutating func choice<Choice: RawRepresentable<UInt8>>(_ field: MessageField) throws(WireError) -> Choice {
    let value = try byte(field)
    guard let choice = Choice(rawValue: value) else { throw .unknownValue(type, field, value) }
    return choice
  }

  mutating func uint64(_ field: MessageField) throws(WireError) -> UInt64 {
    do { return try bytes.readUInt64() } catch { throw wireError(error, field) }
  }

  mutating func uint32(_ field: MessageField) throws(WireError) -> UInt32 {
    do { return try bytes.readUInt32() } catch { throw wireError(error, field) }
  }

  mutating func varint(_ field: MessageField) throws(WireError) -> UInt64 {
    do { return try bytes.readVarint() } catch { throw wireError(error, field) }
  }

  mutating func varint(_ field: MessageField, in limits: ClosedRange<Int>) throws(WireError) -> Int {
    let value = try varint(field)
    guard let small = Int(exactly: value), limits.contains(small) else {
      throw .outOfRange(
        type, field, value: value, limits: UInt64(limits.lowerBound)...UInt64(limits.upperBound))
    }
    return small
  }

  /// A field of the size that another field of the message gives.
  mutating func fixed(_ field: MessageField, count: Int) throws(WireError) -> ArraySlice<UInt8> {
    do { return try bytes.readBytes(count: count) } catch { throw wireError(error, field) }
  }

  /// Bytes after their count.
  mutating func prefixed(
    _ field: MessageField, count limits: ClosedRange<Int>
  ) throws(WireError) -> ArraySlice<UInt8> {
    let count = try varint(field)
    guard let small = Int(exactly: count), limits.contains(small) else {
      throw .lengthOutOfRange(type, field, length: count, limits: limits)
    }
    return try fixed(field, count: small)
  }

  /// A text after its count of bytes.
  mutating func text(_ field: MessageField, count limits: ClosedRange<Int>) throws(WireError) -> String {
    let content = try prefixed(field, count: limits)
    guard let text = String(validating: content, as: UTF8.self) else { throw .invalidUTF8(type, field) }
    return text
  }

  /// A text of a narrower kind, checked by `make`.
  mutating func name<Name>(
    _ field: MessageField, count limits: ClosedRange<Int>, _ make: (String) -> Name?
  ) throws(WireError) -> Name {
    guard let name = make(try text(field, count: limits)) else { throw .forbiddenCharacter(type, field) }
    return name
  }

  mutating func nodeName() throws(WireError) -> NodeName {
    // The link carries names in lower case only, so that one node has one spelling.
    try name(.node, count: 1...NodeName.maximumCount) { text in
      NodeName(text).flatMap { $0.description.utf8.elementsEqual(text.utf8) ? $0 : nil }
    }
  }

  mutating func softwareVersion() throws(WireError) -> SoftwareVersion {
    try name(.softwareVersion, count: 1...SoftwareVersion.maximumCount, SoftwareVersion.init)
  }

  mutating func lineage() throws(WireError) -> Lineage {
    try name(.lineage, count: 1...Lineage.maximumCount, Lineage.init)
  }

  mutating func resumeToken() throws(WireError) -> ResumeToken {
    ResumeToken(lineage: try lineage(), position: try varint(.position))
  }

  mutating func checkedToken() throws(WireError) -> ResumeToken {
    let place = try resumeToken()
    return ResumeToken(lineage: place.lineage, position: place.position, check: try uint32(.check))
  }

  mutating func topicID() throws(WireError) -> TopicID {
    try name(.topicID, count: 1...TopicID.maximumCount, TopicID.init)
  }

  mutating func scoreID() throws(WireError) -> ScoreID {
    let content = try prefixed(.scoreID, count: 1...ScoreID.maximumCount)
    do {
      // An own array, as `ScoreID` keeps it: the generic initializer takes twice the time.
      return try ScoreID(Array(content))
    } catch .invalidUTF8 {
      throw .invalidUTF8(type, .scoreID)
    } catch {
      throw .forbiddenCharacter(type, .scoreID)
    }
  }

  /// `count` items, one after the other.
  mutating func items<Item>(
    count: Int, _ read: (inout PayloadReader) throws(WireError) -> Item
  ) throws(WireError) -> [Item] {
    var items: [Item] = []
    // A false count reserves no more than the frame could hold: an item takes at least one byte.
    items.reserveCapacity(min(count, bytes.remaining))
    for _ in 0..<count { items.append(try read(&self)) }
    return items
  }

  private func wireError(_ error: ByteReaderError, _ field: MessageField) -> WireError {
    switch error {
    case .truncated, .tooLong: .truncated(type, field)
    case .malformedVarint: .malformedVarint(type, field)
    }
  }
}
