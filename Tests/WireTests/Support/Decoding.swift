import Primitives
import Wire

/// What a decoder made of a stream: the messages before the first error, and the error.
struct Decoded: Equatable {
  var messages: [Message] = []
  var error: WireError?
}

/// Decodes a stream that arrives in pieces which end at these places.
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

/// The frames of some messages, one behind the other.
func encode(_ messages: [Message]) -> [UInt8] {
  var writer = ByteWriter()
  for message in messages { message.encode(into: &writer) }
  return writer.bytes
}

/// A frame whose payload is as given, right or wrong.
func frame(_ type: UInt8, _ payload: [UInt8]) -> [UInt8] {
  var writer = ByteWriter()
  writer.write(UInt32(payload.count + 1))
  writer.write(type)
  writer.write(raw: payload)
  return writer.bytes
}

/// A frame of a type that exists.
func frame(_ type: MessageType, _ payload: [UInt8]) -> [UInt8] { frame(type.rawValue, payload) }

/// A varint.
func varint(_ value: UInt64) -> [UInt8] {
  var writer = ByteWriter()
  writer.write(varint: value)
  return writer.bytes
}

/// A byte string behind its count.
func prefixed(_ bytes: [UInt8]) -> [UInt8] { varint(UInt64(bytes.count)) + bytes }

/// A text behind the count of its bytes.
func prefixed(_ text: String) -> [UInt8] { prefixed(Array(text.utf8)) }

/// That many times the letter x, behind its count.
func letters(_ count: Int) -> [UInt8] { prefixed([UInt8](repeating: UInt8(ascii: "x"), count: count)) }

/// Bytes in hexadecimal; nil if they are not.
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
  /// Which side sends it; an edge if both may.
  var sender: Peer { type.isSent(by: .edge) ? .edge : .hub }
}
