/// Finds the head of a request in the bytes of a connection, however they are divided, and parses it.
///
/// The framing is decided byte by byte, so the result and the error do not depend on how the bytes are divided.
/// Between two heads a parser holds no memory but itself (16 bytes); within a head it holds the bytes received so
/// far, at most ``RequestLimits/headBytes``. Grammar: RFC 9112 §2 to §6, without its permissions to be lenient.
package struct RequestHeadParser: Sendable {
  private enum Place: UInt8 {
    case method, target, version, fields
  }

  private var buffer: [UInt8] = []
  private var targetStart: UInt16 = 0
  private var lineStart: UInt16 = 0
  private var fieldCount: UInt8 = 0
  private var place = Place.method
  private var emptyLineSkipped = false
  private var failure: RequestHeadError?

  /// A parser that waits for the first byte of a head.
  package init() {}

  /// True if no byte of a head has been received yet.
  package var isIdle: Bool { buffer.isEmpty && !emptyLineSkipped && failure == nil }

  /// Takes bytes until a head is complete.
  ///
  /// - Parameters:
  ///   - bytes: the received bytes.
  ///   - index: where to begin; advanced past the last byte taken. Bytes after a head (a body, the next request) are
  ///     not touched.
  /// - Returns: the head, or nil if more bytes are needed. After a head, the parser waits for the next one.
  /// - Throws: why the request is refused. The parser is then finished: it throws the same error at every call.
  package mutating func parse(
    _ bytes: Span<UInt8>, from index: inout Int
  ) throws(RequestHeadError) -> RequestHead? {
    if let failure { throw failure }
    do throws(RequestHeadError) {
      while index < bytes.count {
        let byte = bytes[index]
        index += 1
        guard try accept(byte) else { continue }
        let head = buffer
        self = RequestHeadParser()
        return try RequestHead(parsing: head)
      }
      return nil
    } catch {
      self = RequestHeadParser()
      failure = error
      throw error
    }
  }

  /// Takes one byte; true if it completes the head.
  private mutating func accept(_ byte: UInt8) throws(RequestHeadError) -> Bool {
    guard buffer.count < RequestLimits.headBytes else { throw .headTooLarge }
    let followsCarriageReturn = buffer.last == .carriageReturn
    guard followsCarriageReturn == (byte == .lineFeed) else { throw .bareLineEnd }
    buffer.append(byte)
    if byte == .lineFeed { return try lineEnded() }
    if byte == .carriageReturn { return false }
    guard !byte.isControlByte || byte == .horizontalTab else { throw .controlByte }
    try requestLineContinued(with: byte)
    return false
  }

  /// Checks the limits of the first line as it arrives, to refuse it as early as possible.
  private mutating func requestLineContinued(with byte: UInt8) throws(RequestHeadError) {
    switch place {
    case .method where byte == .space:
      guard buffer.count > 1 else { throw .malformedRequestLine }
      place = .target
      targetStart = UInt16(buffer.count)
    case .method:
      guard byte.isTokenByte else { throw .malformedRequestLine }
      guard buffer.count <= RequestLimits.methodBytes else { throw .methodTooLong }
    case .target where byte == .space:
      place = .version
    case .target:
      guard buffer.count - Int(targetStart) <= RequestLimits.targetBytes else { throw .targetTooLong }
    case .version, .fields:
      break
    }
  }

  /// A line is complete, including CR LF; true if it is the empty line after the head.
  private mutating func lineEnded() throws(RequestHeadError) -> Bool {
    let isEmpty = buffer.count - Int(lineStart) == 2
    lineStart = UInt16(buffer.count)
    switch place {
    case .method where isEmpty && !emptyLineSkipped:
      // Some old clients send an extra empty line after a body (RFC 9112 §2.2).
      self = RequestHeadParser()
      emptyLineSkipped = true
    case .method, .target:
      throw .malformedRequestLine
    case .version:
      place = .fields
    case .fields:
      if isEmpty { return true }
      fieldCount += 1
      guard fieldCount <= RequestLimits.fields else { throw .tooManyFields }
    }
    return false
  }
}
