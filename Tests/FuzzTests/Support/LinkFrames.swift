import Primitives
import Wire

/// The messages of a stream before the first error, and the error.
struct LinkFrames: Equatable {
  private(set) var messages: [Message] = []
  private(set) var error: WireError?

  init(_ pieces: [ArraySlice<UInt8>], from peer: Peer) throws {
    var decoder = FrameDecoder(from: peer)
    for piece in pieces {
      decoder.append(Array(piece).span)
      do throws(WireError) {
        while let message = try decoder.next() { messages.append(message) }
      } catch {
        self.error = error
      }
      try demand(
        decoder.bufferedCount < 4 + RelayProtocol.maximumLength, "\(decoder.bufferedCount) bytes are kept")
      try demand(error == nil || decoder.bufferedCount == 0, "bytes are kept after an error")
    }
  }

  /// Any division gives the same messages; they are encoded as they were decoded.
  static func checked(_ bytes: [UInt8], from peer: Peer) throws -> [Message] {
    let whole = try LinkFrames([bytes[...]], from: peer)
    for division in bytes.divisions {
      let frames = try LinkFrames(division, from: peer)
      try demand(frames == whole, "other messages in pieces: \(frames), not \(whole)")
    }
    try checkEncoding(of: whole.messages, from: peer)
    // A report may have fields that only a newer version knows; they are left out.
    let hasReport = whole.messages.contains { $0.type == .report }
    try demand(
      hasReport || bytes.starts(with: encoded(whole.messages)), "another encoding of \(whole.messages)")
    return whole.messages
  }

  /// What is sent is understood.
  static func checkEncoding(of messages: [Message], from peer: Peer) throws {
    let again = try LinkFrames([encoded(messages)[...]], from: peer)
    try demand(
      again.messages == messages && again.error == nil, "\(messages) is read as \(again)")
  }

  /// The frames of some messages, one after the other.
  static func encoded(_ messages: [Message]) -> [UInt8] {
    var writer = ByteWriter()
    for message in messages { message.encode(into: &writer) }
    return writer.bytes
  }
}
