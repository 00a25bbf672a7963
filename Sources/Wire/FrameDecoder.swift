import PlantedFaults
import Primitives

/// Cuts the bytes of a link into frames and decodes their messages.
///
/// The messages and the error do not depend on how the bytes are divided between appends. At most one incomplete
/// frame is kept between two appends, and a frame with a wrong length or type is refused before its payload has
/// arrived.
///
///     decoder.append(received)
///     while let message = try decoder.next() { … }
package struct FrameDecoder: Sendable {
  private static let headerCount = 5
  /// Capacity, in bytes, above which an empty buffer is released: a large frame is rare.
  private static let keptCapacity = 262_144

  private let peer: Peer
  private var buffer: [UInt8] = []
  /// The offset of the first byte that is not decoded yet.
  private var head = 0
  private var failure: WireError?

  /// A decoder for the messages that this side of a link sends.
  package init(from peer: Peer) {
    self.peer = peer
  }

  /// Bytes of an incomplete frame.
  package var bufferedCount: Int { buffer.count - head }

  /// Adds received bytes. Ignored after an error.
  ///
  /// - Precondition: ``next()`` has returned nil or thrown since the previous call, so that the buffer holds at most
  ///   a part of one frame. That part is moved to the front only if frames before it were taken, so each byte is
  ///   moved at most once.
  package mutating func append(_ bytes: Span<UInt8>) {
    guard failure == nil else { return }
    precondition(bufferedCount < 4 + RelayProtocol.maximumLength, "take the messages before adding more")
    if head == buffer.count {
      buffer.removeAll(keepingCapacity: buffer.capacity <= Self.keptCapacity)
    } else if head > 0 {
      buffer.removeSubrange(..<head)
    }
    head = 0
    buffer.append(addingCapacity: bytes.count) { target in
      for index in bytes.indices { target.append(bytes[index]) }
    }
  }

  /// The next message; nil if more bytes are needed for it.
  ///
  /// - Throws: the error in the bytes, and the same error again at every further call: the link cannot be used any
  ///   more.
  package mutating func next() throws(WireError) -> Message? {
    if let failure { throw failure }
    do {
      guard let frame = try nextFrame() else { return nil }
      head = frame.payload.upperBound
      return try Message(frame.type, ByteReader(buffer, in: frame.payload))
    } catch {
      failure = error
      buffer = []
      head = 0
      throw error
    }
  }

  /// The next complete frame; nil if it is incomplete. Checks length and type as soon as they have arrived.
  private func nextFrame() throws(WireError) -> (type: MessageType, payload: Range<Int>)? {
    guard bufferedCount >= 4 else { return nil }
    let length = buffer[head..<head + 4].reduce(0) { $0 << 8 | Int($1) }
    guard length > 0 else { throw .emptyFrame }
    guard length <= RelayProtocol.maximumLength else {
      throw .frameTooLong(length: length, limit: RelayProtocol.maximumLength)
    }
    guard bufferedCount >= Self.headerCount else { return nil }
    guard let type = MessageType(rawValue: buffer[head + 4]) else { throw .unknownType(buffer[head + 4]) }
    guard type.isSent(by: peer) else { throw .wrongDirection(type, from: peer) }
    guard length <= type.maximumLength || planted(.frameLengthUnchecked) else {
      throw .messageTooLong(type, length: length, limit: type.maximumLength)
    }
    guard bufferedCount >= 4 + length else { return nil }
    return (type, head + Self.headerCount..<head + 4 + length)
  }
}
