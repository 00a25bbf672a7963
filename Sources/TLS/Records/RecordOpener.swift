/// Opens what the other side of a TLS 1.3 connection sends (RFC 8446, sections 5 and 6).
///
/// It is a machine without a socket: ``received(_:)`` takes bytes, split or joined anywhere, then ``next(into:with:)``
/// returns one event after the other until nil. After an event that is ``Event/isLast`` there is no other.
package struct RecordOpener: ~Copyable {
  /// What the other side sent.
  package enum Event: Hashable, Sendable {
    /// Application data, of this many bytes, at the beginning of the buffer; at least one.
    case data(Int)
    /// A KeyUpdate message, which has been followed. This side may have to send one too.
    case keyUpdate(isAnswerRequested: Bool)
    /// The end of what it sends.
    case closeNotify
    /// A fatal alert, by its number.
    case alert(UInt8)
    /// It violated the protocol; this alert is the answer.
    case violation(TLSAlert)

    /// Whether no other event follows.
    var isLast: Bool {
      switch self {
      case .data, .keyUpdate: false
      case .closeNotify, .alert, .violation: true
      }
    }
  }

  /// The most records without data, one after the other, that are accepted: each costs this side work and the other
  /// side next to nothing.
  package static let recordsWithoutDataMaximum = 32

  private let protection: RecordProtection
  /// Received bytes; those before ``position`` have been opened.
  private var input: [UInt8] = []
  private var position = 0
  /// Opened data in the input that no caller has taken.
  private var data = 0..<0
  private var keyUpdates = KeyUpdateReader()
  private var recordsWithoutData: UInt8 = 0
  private var isOver = false

  /// - Parameter protection: the keys of the other side.
  package init(_ protection: consuming RecordProtection) { self.protection = protection }

  /// Adds received bytes. To be called when ``next(into:with:)`` has returned nil, so that at most one record and
  /// these bytes are kept.
  package mutating func received(_ bytes: UnsafeRawBufferPointer) {
    unsafe input.append(contentsOf: bytes)
  }

  /// This side sent data: a connection that is used may bring some records without data.
  mutating func connectionWasUsed() { recordsWithoutData = 0 }

  /// The next event; nil when more bytes are needed.
  ///
  /// - Parameter buffer: takes data; not empty. What does not fit comes with the next call.
  package mutating func next(
    into buffer: UnsafeMutableRawBufferPointer, with ciphers: RecordCiphers
  ) -> Event? {
    guard !isOver else { return nil }
    while data.isEmpty {
      switch openRecord(with: ciphers) {
      case .incomplete:
        discardOpened()
        return nil
      case .opened(let content, let type):
        guard let event = interpret(content, type) else { continue }
        return over(event)
      case .violation(let alert): return over(.violation(alert))
      }
    }
    return unsafe takeData(into: buffer)
  }

  private mutating func over(_ event: Event) -> Event {
    isOver = event.isLast
    return event
  }

  // MARK: Records

  private enum Opened {
    case incomplete
    case opened(Range<Int>, RecordFormat.ContentType)
    case violation(TLSAlert)
  }

  private mutating func openRecord(with ciphers: RecordCiphers) -> Opened {
    let available = input.count - position
    guard available >= RecordFormat.headerCount else { return .incomplete }
    // The version is to be ignored (section 5.1).
    guard input[position] == RecordFormat.ContentType.applicationData.rawValue else {
      return .violation(.unexpectedMessage)
    }
    let bodyCount = Int(input[position + 3]) << 8 | Int(input[position + 4])
    guard bodyCount <= RecordFormat.bodyMaximum else { return .violation(.recordOverflow) }
    let record = position..<(position + RecordFormat.headerCount + bodyCount)
    guard record.upperBound <= input.count else { return .incomplete }
    position = record.upperBound
    let isAuthentic = unsafe input.withUnsafeMutableBytes {
      unsafe ciphers.open(UnsafeMutableRawBufferPointer(rebasing: $0[record]), with: protection)
    }
    guard isAuthentic else { return .violation(.badRecordMAC) }
    protection.advance()
    let start = record.lowerBound + RecordFormat.headerCount
    var end = record.upperBound - RecordSuite.tagCount
    guard end - start <= RecordFormat.plaintextMaximum else { return .violation(.recordOverflow) }
    // The type is the last byte that is not padding.
    while end > start, input[end - 1] == 0 { end -= 1 }
    guard end > start, let type = RecordFormat.ContentType(rawValue: input[end - 1]) else {
      return .violation(.unexpectedMessage)
    }
    return .opened(start..<(end - 1), type)
  }

  /// - Returns: nil if there is nothing to report: the record has no content, or its data is in ``data``.
  private mutating func interpret(_ content: Range<Int>, _ type: RecordFormat.ContentType) -> Event? {
    // Records of another type may not come between the parts of a message (section 5.1).
    if keyUpdates.isWithinMessage, type != .handshake { return .violation(.unexpectedMessage) }
    if type == .applicationData, !content.isEmpty {
      recordsWithoutData = 0
      data = content
      return nil
    }
    recordsWithoutData += 1
    guard recordsWithoutData <= Self.recordsWithoutDataMaximum else { return .violation(.unexpectedMessage) }
    switch type {
    case .applicationData: return nil
    case .alert: return interpretAlert(content)
    case .handshake: return interpretHandshake(content)
    }
  }

  private func interpretAlert(_ content: Range<Int>) -> Event? {
    guard content.count == 2 else {
      return .violation(content.isEmpty ? .unexpectedMessage : .decodeError)
    }
    // Its level does not matter (section 6).
    switch TLSAlert(rawValue: input[content.lowerBound + 1]) {
    case .closeNotify: return .closeNotify
    case .userCanceled: return nil
    default: return .alert(input[content.lowerBound + 1])
    }
  }

  private mutating func interpretHandshake(_ content: Range<Int>) -> Event? {
    let result = unsafe input.withUnsafeBytes {
      unsafe keyUpdates.read(UnsafeRawBufferPointer(rebasing: $0[content]))
    }
    switch result {
    case .incomplete: return nil
    case .keyUpdate(let isAnswerRequested):
      guard protection.update() else { return .violation(.internalError) }
      return .keyUpdate(isAnswerRequested: isAnswerRequested)
    case .violation(let alert): return .violation(alert)
    }
  }

  // MARK: Bytes

  private mutating func takeData(into buffer: UnsafeMutableRawBufferPointer) -> Event {
    let part = data.prefix(buffer.count)
    unsafe buffer.copyBytes(from: input[part])
    data = part.upperBound..<data.upperBound
    return .data(part.count)
  }

  /// Forgets what has been opened; a connection keeps the memory of what has arrived of a record, and no more.
  private mutating func discardOpened() {
    input = position == input.count ? [] : Array(input[position...])
    position = 0
  }
}
