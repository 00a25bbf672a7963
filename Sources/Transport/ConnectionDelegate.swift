/// The owner of a ``Connection``. All calls are made on the connection's loop.
package protocol ConnectionDelegate: AnyObject {
  /// The connection can be used; with TLS, the handshake is complete and the peer's certificate is known.
  func connectionOpened(_ connection: Connection)
  /// Bytes arrived. They are valid only during the call.
  func connection(_ connection: Connection, received bytes: Span<UInt8>)
  /// The kernel accepted some of the queued bytes; the backlog gives the rest.
  func connectionProgressed(_ connection: Connection)
  /// The connection ended, other than by its owner. No further calls follow.
  func connectionClosed(_ connection: Connection, because reason: DisconnectReason)
}
