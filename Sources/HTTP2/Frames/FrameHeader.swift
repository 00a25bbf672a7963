/// The first nine bytes of each frame (RFC 9113 §4.1).
///
/// ```
///   0      3      4       5                    9
///   │ length │ type │ flags │ reserved bit, stream │ payload …
/// ```
package struct FrameHeader: Equatable, Sendable {
  /// The size of a header, in bytes.
  package static let count = 9
  /// The longest payload that a peer may send: the protocol's default, which no setting of ours raises.
  package static let payloadMaximum = 16_384

  /// The length of the payload.
  package let length: Int
  let type: UInt8
  let flags: UInt8
  /// The stream; 0 for the connection.
  package let stream: UInt32

  init(length: Int, type: FrameType, flags: FrameFlags = [], stream: UInt32) {
    self.length = length
    self.type = type.rawValue
    self.flags = flags.rawValue
    self.stream = stream
  }

  /// Parses nine bytes.
  init(parsing bytes: [UInt8]) {
    length = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
    type = bytes[3]
    flags = bytes[4]
    // The reserved bit is ignored.
    stream = UInt32(bigEndian: bytes[5...]) & 0x7fff_ffff
  }

  func has(_ flag: FrameFlags) -> Bool { flags & flag.rawValue != 0 }

  /// Appends the nine bytes.
  func append(to bytes: inout [UInt8]) {
    bytes.append(UInt8(truncatingIfNeeded: length >> 16))
    bytes.append(UInt8(truncatingIfNeeded: length >> 8))
    bytes.append(UInt8(truncatingIfNeeded: length))
    bytes.append(type)
    bytes.append(flags)
    bytes.append(bigEndian: stream)
  }
}

/// The types of frames that have a meaning here; peers may send others, which are ignored.
enum FrameType: UInt8 {
  case data = 0
  case headers = 1
  case priority = 2
  case resetStream = 3
  case settings = 4
  case pushPromise = 5
  case ping = 6
  case goAway = 7
  case windowUpdate = 8
  case continuation = 9
}

/// The flags of frames. One bit has different meanings in different types.
struct FrameFlags: OptionSet {
  let rawValue: UInt8

  static let endStream = FrameFlags(rawValue: 0x1)
  static let acknowledgement = FrameFlags(rawValue: 0x1)
  static let endHeaders = FrameFlags(rawValue: 0x4)
  static let padded = FrameFlags(rawValue: 0x8)
  static let priority = FrameFlags(rawValue: 0x20)
}

extension UInt32 {
  init(bigEndian bytes: ArraySlice<UInt8>) {
    self = bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }
}

extension [UInt8] {
  mutating func append(bigEndian number: UInt32) {
    for shift in [UInt32(24), 16, 8, 0] { append(UInt8(truncatingIfNeeded: number >> shift)) }
  }
}
