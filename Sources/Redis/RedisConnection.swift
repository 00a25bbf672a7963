import Transport

/// The owner of a ``RedisConnection``.
package protocol RedisConnectionDelegate: AnyObject {
  /// Commands can be sent.
  func redisConnectionOpened(_ connection: RedisConnection)
  /// Redis sent a reply or a published message.
  func redisConnection(_ connection: RedisConnection, received value: RESPValue)
  /// The connection ended, other than by its owner. No further calls follow.
  func redisConnectionClosed(_ connection: RedisConnection, because reason: String)
}

/// A connection that speaks Redis's protocol: hiredis's reader and formatter over the project's own transport, which
/// adds TLS.
///
/// It does not log in and matches no replies: the owner decides what to send, and which reply belongs to it.
package final class RedisConnection: ConnectionDelegate {
  private var reader = RESPReader()
  private var connection: Connection?
  private weak var delegate: (any RedisConnectionDelegate)?

  /// Starts to connect. The delegate is not called before this returns.
  package init(to server: RedisServer, on network: Network, delegate: any RedisConnectionDelegate) {
    self.delegate = delegate
    connection = Connection(to: server.endpoint, on: network, security: server.security, delegate: self)
  }

  /// How many bytes of commands the kernel has not accepted yet.
  package var backlog: Int { connection?.backlog ?? 0 }

  /// True while the server's name is being looked up.
  package var isResolving: Bool { connection?.isResolving == true }

  /// Queues a command; it leaves at the end of the turn.
  package func send(_ arguments: [[UInt8]]) {
    connection?.send(RedisCommand.encode(arguments))
  }

  /// Ends the connection now. The delegate is not called.
  package func close() {
    connection?.close()
    connection = nil
  }

  /// The transport's connection is open.
  package func connectionOpened(_ connection: Connection) {
    delegate?.redisConnectionOpened(self)
  }

  /// Passes received bytes to the reader, and the replies to the delegate.
  package func connection(_ connection: Connection, received bytes: Span<UInt8>) {
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

  /// Ignored: commands are small.
  package func connectionProgressed(_ connection: Connection) {}

  /// Reports the end of the transport's connection.
  package func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {
    self.connection = nil
    delegate?.redisConnectionClosed(self, because: "\(reason)")
  }
}
