public import Transport

/// Who owns a ``RedisConnection`` and is told what comes over it.
public protocol RedisConnectionDelegate: AnyObject {
  /// Commands can be sent.
  func redisConnectionOpened(_ connection: RedisConnection)
  /// Redis answered, or published something.
  func redisConnection(_ connection: RedisConnection, received value: RESPValue)
  /// The connection has ended, not by our doing. Nothing follows.
  func redisConnectionClosed(_ connection: RedisConnection, because reason: String)
}

/// A connection that speaks Redis's protocol: hiredis's reader and formatter over our own transport, which gives it TLS.
///
/// It logs in to nothing and awaits nothing: what is sent, and which answer belongs to it, is its owner's business.
public final class RedisConnection: ConnectionDelegate {
  private var reader = RESPReader()
  private var connection: Connection?
  private weak var delegate: (any RedisConnectionDelegate)?

  /// Begins to connect. The delegate is not told before this returns.
  public init(to server: RedisServer, on network: Network, delegate: any RedisConnectionDelegate) {
    self.delegate = delegate
    connection = Connection(to: server.endpoint, on: network, security: server.security, delegate: self)
  }

  /// How many bytes of commands wait to be handed to the kernel.
  public var backlog: Int { connection?.backlog ?? 0 }

  /// True while the server's name is being looked up.
  public var isResolving: Bool { connection?.isResolving == true }

  /// Sends a command at the end of the turn.
  public func send(_ arguments: [[UInt8]]) {
    connection?.send(RedisCommand.encode(arguments))
  }

  /// Ends the connection now. The delegate is not told.
  public func close() {
    connection?.close()
    connection = nil
  }

  /// The transport is ready.
  public func connectionOpened(_ connection: Connection) {
    delegate?.redisConnectionOpened(self)
  }

  /// Bytes came.
  public func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    do throws(RESPError) {
      try reader.feed(bytes)
      while connection === self.connection, let value = try reader.next() {
        delegate?.redisConnection(self, received: value)
      }
    } catch {
      close()
      delegate?.redisConnectionClosed(self, because: "\(error)")
    }
  }

  /// Commands left.
  public func connectionProgressed(_ connection: Connection) {}

  /// The transport has ended.
  public func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {
    self.connection = nil
    delegate?.redisConnectionClosed(self, because: "\(reason)")
  }
}
