import TLS

/// How the bytes of a connection are protected.
package enum Security {
  /// Not protected.
  case plain
  /// TLS, as the server.
  case tlsServer(TLSContext)
  /// TLS, as a client that expects a server of this name.
  case tlsClient(TLSContext, ServerName)
}
