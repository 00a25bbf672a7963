import Glibc

extension Socket {
  /// Sets the source address of a connection, with port 0: the kernel chooses a port only when the socket connects,
  /// and so can use the same port towards several servers (`IP_BIND_ADDRESS_NO_PORT`).
  package static func bind(_ descriptor: Int32, toSource address: SocketAddress) throws(SystemError) {
    setOption(descriptor, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, 1)
    _ = try checked("bind") { unsafe address.withSockaddr { unsafe Glibc.bind(descriptor, $0, $1) } }
  }

  /// Limits the kernel's receive buffer, in bytes (`SO_RCVBUF`); to be called before connecting.
  package static func limitReceiveBuffer(_ descriptor: Int32, to count: Int) {
    setOption(descriptor, SOL_SOCKET, SO_RCVBUF, Int32(clamping: count))
  }

  /// Makes closing reset the connection, as if the peer had vanished, instead of ending it in order.
  package static func resetOnClose(_ descriptor: Int32) {
    var option = linger(l_onoff: 1, l_linger: 0)
    _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }
}
