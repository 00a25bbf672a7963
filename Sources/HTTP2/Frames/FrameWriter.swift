/// Appends the frames of a server to a buffer.
package enum FrameWriter {
  /// The longest payload of a frame here: the least that each client accepts.
  package static let payloadMaximum = 16_384

  /// The settings of a server.
  ///
  /// - Parameters:
  ///   - streamsMaximum: how many streams the client may have open.
  ///   - headersMaximum: how many bytes of header fields a request may have (RFC 9113 §6.5.2).
  package static func appendSettings(
    streamsMaximum: Int, headersMaximum: Int, to bytes: inout [UInt8]
  ) {
    // No dynamic table: it would be memory of each connection, for the few requests that open streams.
    let settings: [(UInt16, UInt32)] = [
      (1, 0), (3, UInt32(streamsMaximum)), (6, UInt32(headersMaximum)),
    ]
    FrameHeader(length: settings.count * 6, type: .settings, stream: 0).append(to: &bytes)
    for (identifier, value) in settings {
      bytes.append(UInt8(identifier >> 8))
      bytes.append(UInt8(truncatingIfNeeded: identifier))
      bytes.append(bigEndian: value)
    }
  }

  package static func appendSettingsAcknowledgement(to bytes: inout [UInt8]) {
    FrameHeader(length: 0, type: .settings, flags: .acknowledgement, stream: 0).append(to: &bytes)
  }

  /// - Parameter content: the eight bytes of the ping.
  package static func appendPingAcknowledgement(_ content: [UInt8], to bytes: inout [UInt8]) {
    FrameHeader(length: content.count, type: .ping, flags: .acknowledgement, stream: 0).append(to: &bytes)
    bytes.append(contentsOf: content)
  }

  /// - Parameter block: the encoded fields, at most ``payloadMaximum`` bytes.
  package static func appendHeaders(
    _ block: [UInt8], stream: UInt32, isEnd: Bool, to bytes: inout [UInt8]
  ) {
    precondition(block.count <= payloadMaximum, "the fields of a response are few")
    let flags: FrameFlags = isEnd ? [.endHeaders, .endStream] : .endHeaders
    FrameHeader(length: block.count, type: .headers, flags: flags, stream: stream).append(to: &bytes)
    bytes.append(contentsOf: block)
  }

  /// - Parameter content: at most ``payloadMaximum`` bytes.
  package static func appendData(
    _ content: ArraySlice<UInt8>, stream: UInt32, isEnd: Bool, to bytes: inout [UInt8]
  ) {
    FrameHeader(length: content.count, type: .data, flags: isEnd ? .endStream : [], stream: stream)
      .append(to: &bytes)
    bytes.append(contentsOf: content)
  }

  package static func appendReset(stream: UInt32, _ code: HTTP2ErrorCode, to bytes: inout [UInt8]) {
    FrameHeader(length: 4, type: .resetStream, stream: stream).append(to: &bytes)
    bytes.append(bigEndian: code.rawValue)
  }

  /// - Parameter stream: 0 for the window of the connection.
  package static func appendWindowUpdate(stream: UInt32, increment: Int, to bytes: inout [UInt8]) {
    FrameHeader(length: 4, type: .windowUpdate, stream: stream).append(to: &bytes)
    bytes.append(bigEndian: UInt32(increment))
  }

  /// - Parameter lastStream: the last stream that is served, or was.
  package static func appendGoAway(
    lastStream: UInt32, _ code: HTTP2ErrorCode, to bytes: inout [UInt8]
  ) {
    FrameHeader(length: 8, type: .goAway, stream: 0).append(to: &bytes)
    bytes.append(bigEndian: lastStream)
    bytes.append(bigEndian: code.rawValue)
  }
}
