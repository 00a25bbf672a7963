/// Finds the frames in the bytes of a connection, however they are divided (RFC 9113 §4 and §6).
///
/// It keeps the frame that is not complete yet, at most 16,393 bytes, and nothing between two frames. The content of
/// bodies, debug texts and unknown frames is skipped without being kept. The first error is final: the connection ends.
package struct FrameReader: Sendable {
  /// The most settings in a frame: the protocol defines nine.
  static let settingsMaximum = 64

  /// The header and, for types whose payload is used, the payload received so far.
  private var buffer: [UInt8] = []
  private var header: FrameHeader?
  /// How many bytes of a payload that is not kept are to be skipped.
  private var skipped = 0

  /// A reader that waits for the first byte of a frame.
  package init() {}

  /// Whether no byte of a frame has been received yet.
  package var isIdle: Bool { buffer.isEmpty }

  /// How many bytes of an incomplete frame are kept.
  package var heldByteCount: Int { buffer.count }

  /// Takes bytes until a frame is complete.
  ///
  /// - Parameters:
  ///   - bytes: the received bytes.
  ///   - index: where to begin in them; advanced past the last byte that was taken.
  /// - Returns: the frame, or nil if more bytes are needed.
  package mutating func next(_ bytes: Span<UInt8>, from index: inout Int) throws(FrameError) -> Frame? {
    guard let header = try takeHeader(bytes, from: &index) else { return nil }
    let kept = header.keptCount
    take(until: FrameHeader.count + kept, bytes, from: &index)
    guard buffer.count == FrameHeader.count + kept else { return nil }
    let rest = min(header.length - kept - skipped, bytes.count - index)
    skipped += rest
    index += rest
    guard kept + skipped == header.length else { return nil }
    let payload = buffer[FrameHeader.count...]
    buffer = []
    self.header = nil
    skipped = 0
    return try Frame(header, payload)
  }

  private mutating func takeHeader(
    _ bytes: Span<UInt8>, from index: inout Int
  ) throws(FrameError) -> FrameHeader? {
    if let header { return header }
    take(until: FrameHeader.count, bytes, from: &index)
    guard buffer.count == FrameHeader.count else { return nil }
    let header = FrameHeader(parsing: buffer)
    try header.check()
    self.header = header
    return header
  }

  private mutating func take(until count: Int, _ bytes: Span<UInt8>, from index: inout Int) {
    let end = min(bytes.count, index + count - buffer.count)
    while index < end {
      buffer.append(bytes[index])
      index += 1
    }
  }
}

extension FrameHeader {
  /// Checks the length and the stream, as far as they can be wrong whatever the payload is.
  fileprivate func check() throws(FrameError) {
    guard length <= Self.payloadMaximum else { throw .connection(.frameSizeError) }
    guard let type = FrameType(rawValue: type) else { return }
    switch type {
    case .data, .headers, .continuation, .priority, .resetStream:
      guard stream != 0 else { throw .connection(.protocolError) }
    case .settings, .ping, .goAway:
      guard stream == 0 else { throw .connection(.protocolError) }
    // A client must not push.
    case .pushPromise: throw .connection(.protocolError)
    case .windowUpdate: break
    }
    switch type {
    case .resetStream, .windowUpdate:
      guard length == 4 else { throw .connection(.frameSizeError) }
    case .ping:
      guard length == 8 else { throw .connection(.frameSizeError) }
    case .goAway:
      guard length >= 8 else { throw .connection(.frameSizeError) }
    case .settings:
      guard length.isMultiple(of: 6), length == 0 || !has(.acknowledgement) else {
        throw .connection(.frameSizeError)
      }
      guard length <= FrameReader.settingsMaximum * 6 else { throw .connection(.enhanceYourCalm) }
    case .data, .headers, .continuation, .priority, .pushPromise: break
    }
  }

  /// How many bytes of the payload are kept. Of a padded body only the length of the padding is.
  fileprivate var keptCount: Int {
    switch FrameType(rawValue: type) {
    case .data: has(.padded) ? min(length, 1) : 0
    case .headers, .continuation, .resetStream, .settings, .ping, .windowUpdate: length
    case .priority: min(length, 4)
    case .goAway, .pushPromise, nil: 0
    }
  }
}
