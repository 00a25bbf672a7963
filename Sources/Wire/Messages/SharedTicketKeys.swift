import Primitives

/// The keys of TLS session tickets that all edges of a hub share, so that a client whom DNS sends to another edge can
/// resume its session there.
package struct SharedTicketKeys: Equatable, Sendable {
  /// The greatest number of keys.
  package static let maximumCount = 3
  /// For how long a key seals tickets.
  package static let sealingPeriod = Duration.seconds(3_600)
  /// For how long a ticket can be used. All earlier keys together open as long.
  package static let ticketLifetime = sealingPeriod * (maximumCount - 1)

  /// One of the keys.
  package struct Key: Equatable, Sendable {
    /// The number of bytes of a secret.
    package static let secretCount = 80

    /// The name with which tickets begin (16 bytes), the key for AES-256 (32 bytes), and the key for HMAC with SHA-256
    /// (32 bytes). Not to be logged.
    package let secret: [UInt8]
    /// For how long the key still opens tickets, in seconds.
    package let lifetimeSeconds: Int

    /// - Parameters:
    ///   - secret: ``secretCount`` bytes.
    ///   - lifetimeSeconds: at most a day.
    package init(secret: [UInt8], lifetimeSeconds: Int) {
      precondition(secret.count == Self.secretCount && SharedTicketKeys.lifetimes.contains(lifetimeSeconds))
      self.secret = secret
      self.lifetimeSeconds = lifetimeSeconds
    }
  }

  static let lifetimes = 1...86_400

  /// The keys, the newest first: it seals new tickets.
  package let keys: [Key]

  /// - Parameter keys: from one to ``maximumCount``, the newest first.
  package init(_ keys: [Key]) {
    precondition((1...Self.maximumCount).contains(keys.count))
    self.keys = keys
  }
}

extension SharedTicketKeys: Payload {
  static let type = MessageType.ticketKeys
  static let sender: Peer? = .hub
  static var maximumLength: Int { 1 + 1 + maximumCount * (Key.secretCount + 3) }

  init(from reader: inout PayloadReader) throws(WireError) {
    let count = try reader.byte(.keyCount, in: 1...UInt8(Self.maximumCount))
    keys = try reader.items(count: Int(count)) { reader throws(WireError) in
      Key(
        secret: Array(try reader.fixed(.secret, count: Key.secretCount)),
        lifetimeSeconds: try reader.varint(.lifetime, in: Self.lifetimes))
    }
  }

  func write(to writer: inout ByteWriter) {
    writer.write(UInt8(keys.count))
    for key in keys {
      writer.write(raw: key.secret)
      writer.write(varint: UInt64(key.lifetimeSeconds))
    }
  }
}

extension SharedTicketKeys.Key: CustomStringConvertible {
  /// The lifetime alone: the rest is secret.
  package var description: String { "a ticket key for \(lifetimeSeconds) s" }
}
