/// A request on a connection, and its answer.
package struct ExchangeID: Hashable, Sendable {
  /// The connection.
  package let connection: ConnectionID
  /// The stream of an HTTP/2 connection; 0 in HTTP/1, where one exchange follows the other.
  package let stream: UInt32

  /// The present exchange of an HTTP/1 connection, or a stream of an HTTP/2 connection.
  package init(_ connection: ConnectionID, stream: UInt32 = 0) {
    self.connection = connection
    self.stream = stream
  }
}
