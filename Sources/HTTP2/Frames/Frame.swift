/// A frame from the peer, checked as far as it can be without the state of its stream.
package enum Frame: Equatable, Sendable {
  /// Bytes of a request's body, which are discarded: how many bytes count for the windows, and how many of them are
  /// content.
  case data(stream: UInt32, count: Int, content: Int, isEnd: Bool)
  /// The beginning of a block of header fields.
  case headers(stream: UInt32, HeadersFrame)
  /// More of a block of header fields.
  case continuation(stream: UInt32, fragment: [UInt8], isEnd: Bool)
  case resetStream(stream: UInt32, code: UInt32)
  /// The peer's settings, in their order; a later value replaces an earlier one.
  case settings([HTTP2Setting])
  /// The peer has applied our settings.
  case settingsAcknowledged
  case ping([UInt8])
  case pingAcknowledged
  case windowUpdate(stream: UInt32, increment: Int)
  /// A frame without an effect here: a priority, a `GOAWAY` from a client, or a type that is not known.
  case ignored(stream: UInt32)
}

/// What a `HEADERS` frame holds.
package struct HeadersFrame: Equatable, Sendable {
  /// The beginning of the block, or all of it.
  package let fragment: [UInt8]
  /// Whether the block ends with this frame.
  package let endsBlock: Bool
  /// Whether nothing follows the block on its stream.
  package let endsStream: Bool
  /// Whether the stream is said to depend on itself, which is an error of the stream (RFC 7540 §5.3.1).
  package let dependsOnItself: Bool
}

/// What is wrong with a frame, and what ends for it.
package enum FrameError: Error, Equatable, Sendable {
  case connection(HTTP2ErrorCode)
  case stream(UInt32, HTTP2ErrorCode)
}

/// One of the settings of a peer (RFC 9113 §6.5.2).
package enum HTTP2Setting: Equatable, Sendable {
  /// The size of the window with which each stream begins; at most 2³¹ − 1.
  case initialWindow(Int)
  /// The longest payload of a frame; at least 16,384.
  case frameMaximum(Int)
  /// Any other setting: nothing here depends on it.
  case other

  init(identifier: UInt16, value: UInt32) throws(FrameError) {
    switch identifier {
    case 2:
      guard value <= 1 else { throw .connection(.protocolError) }
      self = .other
    case 4:
      guard value <= UInt32(Int32.max) else { throw .connection(.flowControlError) }
      self = .initialWindow(Int(value))
    case 5:
      guard (16_384...16_777_215).contains(value) else { throw .connection(.protocolError) }
      self = .frameMaximum(Int(value))
    default: self = .other
    }
  }
}
