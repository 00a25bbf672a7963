import Primitives

/// Cuts what a link delivers into frames and reads the messages in them.
///
/// However the bytes are cut on their way, the messages and the error are the same. Between two appends at
/// most one incomplete frame is kept, and a frame of a wrong length or type is refused before its payload is
/// there.
///
///     decoder.append(received)
///     while let message = try decoder.next() { … }
public struct FrameDecoder: Sendable {
  private static let headerCount = 5
  /// A buffer that grew beyond this for a rare large frame is given back when it is empty.
  private static let keptCapacity = 262_144

  private let peer: Peer
  private var buffer: [UInt8] = []
  /// The first byte of the buffer that belongs to no frame yet.
  private var head = 0
  private var failure: WireError?

  /// A decoder of what that side of a link sends.
  public init(from peer: Peer) {
    self.peer = peer
  }

  /// How many bytes wait for the rest of their frame.
  public var bufferedCount: Int { buffer.count - head }

  /// Adds bytes that were received. After an error they are ignored.
  ///
  /// - Precondition: ``next()`` has returned nil or thrown since the previous call. What it left is then a
  ///   part of one frame. It is moved to the front only after a frame before it was taken, so each byte is
  ///   moved at most once.
  public mutating func append(_ bytes: Span<UInt8>) {
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
  /// - Throws: what is wrong with the bytes, again at every further call: the link is of no use any more.
  public mutating func next() throws(WireError) -> Message? {
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

  /// Finds the next frame that is there as a whole, and checks its length and type before that.
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
    guard length <= type.maximumLength else {
      throw .messageTooLong(type, length: length, limit: type.maximumLength)
    }
    guard bufferedCount >= 4 + length else { return nil }
    return (type, head + Self.headerCount..<head + 4 + length)
  }
}
