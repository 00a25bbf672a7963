import Primitives
import Wire

extension EdgeLinkDriver {
  /// The number of frames in encoded bytes. Each frame begins with its length (PROTOCOL.md).
  static func frameCount(of bytes: [UInt8]) -> Int {
    var count = 0
    var index = 0
    while index + 4 <= bytes.count {
      index += 4 + bytes[index..<index + 4].reduce(0) { $0 << 8 | Int($1) }
      count += 1
    }
    return count
  }

  static func encoded(_ messages: [Message]) -> [UInt8] {
    var writer = ByteWriter()
    for message in messages { message.encode(into: &writer) }
    return writer.bytes
  }
}
