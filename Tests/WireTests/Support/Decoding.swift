import Primitives
import Wire

/// The result of decoding a stream: the messages before the first error, and the error.
struct Decoded: Equatable {
  var messages: [Message] = []
  var error: WireError?
}

/// Decodes a stream that is divided at these offsets.
func decode(_ stream: [UInt8], from peer: Peer, cutAt cuts: [Int] = []) -> Decoded {
  var decoder = FrameDecoder(from: peer)
  var decoded = Decoded()
  var start = 0
  for end in cuts + [stream.count] {
    decoder.append(Array(stream[start..<end]).span)
    start = end
    do throws(WireError) {
      while let message = try decoder.next() { decoded.messages.append(message) }
    } catch {
      decoded.error = error
    }
  }
  return decoded
}

/// The frames of some messages, one after the other.
func encode(_ messages: [Message]) -> [UInt8] {
  var writer = ByteWriter()
  for message in messages { message.encode(into: &writer) }
  return writer.bytes
}

/// A frame with an arbitrary payload, valid or not.
func frame(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] {
  var writer = ByteWriter()
  writer.write(UInt32(payload.count + 1))
  writer.write(type)
  writer.write(raw: payload)
  return writer.bytes
}

/// A frame of a known type.
func frame(_ type: MessageType, _ payload: [UInt8]) -> [UInt8] { frame(type.rawValue, payload) }

/// The encoding of a number as a varint.
func varint(_ value: UInt64) -> [UInt8] {
  var writer = ByteWriter()
  writer.write(varint: value)
  return writer.bytes
}

/// A byte string after its count.
func prefixed(_ bytes: [UInt8]) -> [UInt8] { varint(UInt64(bytes.count)) + bytes }

/// A text after its count of bytes.
func prefixed(_ text: String) -> [UInt8] { prefixed(Array(text.utf8)) }

/// `count` times the letter x, after the count.
func letters(_ count: Int) -> [UInt8] { prefixed([UInt8](repeating: UInt8(ascii: "x"), count: count)) }

/// The bytes of a hexadecimal text; nil if it is malformed.
func decoded(hexadecimal text: String) -> [UInt8]? {
  let digits = Array(text.utf8)
  guard digits.count.isMultiple(of: 2) else { return nil }
  var bytes: [UInt8] = []
  for index in stride(from: 0, to: digits.count, by: 2) {
    guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else {
      return nil
    }
    bytes.append(byte)
  }
  return bytes
}

extension Message {
  /// The side that sends it; an edge if both may.
  var sender: Peer { type.isSent(by: .edge) ? .edge : .hub }
}
