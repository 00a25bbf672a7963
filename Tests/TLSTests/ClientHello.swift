import Glibc
import TLS
import Testing

/// A client's first message (RFC 8446, section 4.1.2; RFC 5246, section 7.4.1.2), made by hand to request features
/// that OpenSSL would not offer.
struct ClientHello {
  /// The offered versions; up to 1.2 only the greatest counts.
  var versions: [UInt16]

  /// The offered ciphers, the best first.
  var ciphers: [UInt16]

  /// The first message of a server.
  enum Answer: Equatable {
    /// The server chose this cipher.
    case hello(cipher: UInt16)
    /// The server refused with this alert.
    case alert(UInt8)
  }

  /// The whole record.
  var bytes: [UInt8] {
    let body =
      Self.pair(min(versions.max() ?? 0, 0x0303)) + [UInt8](repeating: 7, count: 32) + [0]
      + Self.counted(ciphers.flatMap(Self.pair)) + [1, 0] + Self.counted(extensions)
    let message = [1, 0] + Self.counted(body)
    return [22, 3, 1] + Self.counted(message)
  }

  private var extensions: [UInt8] {
    let share = Self.pair(0x001D) + Self.counted([UInt8](repeating: 9, count: 32))
    let versionList = versions.flatMap(Self.pair)
    let isNew = versions.contains(0x0304)
    return Self.anExtension(10, Self.counted(Self.pair(0x001D) + Self.pair(0x0017)))
      + Self.anExtension(13, Self.counted([0x0403, 0x0804, 0x0401, 0x0203].flatMap(Self.pair)))
      + (isNew ? Self.anExtension(43, [UInt8(versionList.count)] + versionList) : [])
      + (isNew ? Self.anExtension(51, Self.counted(share)) : [])
  }

  private static func pair(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 0xFF)] }

  private static func counted(_ bytes: [UInt8]) -> [UInt8] { pair(UInt16(bytes.count)) + bytes }

  private static func anExtension(_ type: UInt16, _ data: [UInt8]) -> [UInt8] { pair(type) + counted(data) }

  /// Sends the hello to a server and reads its first record.
  func answer(of context: TLSContext) throws -> (answer: Answer, result: TLSSession.HandshakeResult) {
    let sockets = try SocketPair()
    let session = try TLSSession(accepting: sockets.server, context: context)
    try sockets.sendRaw(bytes, from: sockets.client)
    let result = session.handshake()
    var reply = [UInt8](repeating: 0, count: 4_096)
    let count = unsafe read(sockets.client, &reply, reply.count)
    try #require(count >= 7)
    if reply[0] == 21 { return (.alert(reply[6]), result) }
    try #require(reply[0] == 22 && reply[5] == 2)
    // The version and the random bytes, then the length and the session id, then the cipher.
    let start = 9 + 2 + 32 + 1 + Int(reply[9 + 2 + 32])
    return (.hello(cipher: UInt16(reply[start]) << 8 | UInt16(reply[start + 1])), result)
  }
}
