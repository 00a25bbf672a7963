import COpenSSL
import Glibc

/// The BIO between OpenSSL and a session's socket: OpenSSL reads from the socket, and writes through the session's
/// ``TLSWriteHalf``, so that the half sees all bytes that leave.
enum SessionSocket {
  /// OpenSSL's table of functions for it. It is made once and never changes.
  private nonisolated(unsafe) static let method: OpaquePointer? = unsafe makeMethod()

  private static let retryFlags =
    BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_IO_SPECIAL | BIO_FLAGS_SHOULD_RETRY

  /// A BIO for both directions; nil if there is no memory. The half must outlive it.
  static func make(for half: TLSWriteHalf) -> OpaquePointer? {
    guard let bio = unsafe BIO_new(method) else { return nil }
    unsafe BIO_set_data(bio, Unmanaged.passUnretained(half).toOpaque())
    unsafe BIO_set_init(bio, 1)
    return unsafe bio
  }

  private static func makeMethod() -> OpaquePointer? {
    guard let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "session socket")
    else {
      return nil
    }
    unsafe BIO_meth_set_write(method) { bio, bytes, count in
      guard let bio = unsafe bio, let half = unsafe SessionSocket.half(of: bio) else { return -1 }
      unsafe BIO_clear_flags(bio, SessionSocket.retryFlags)
      let taken = unsafe half.transmit(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
      if taken < 0, errno == EAGAIN {
        unsafe BIO_set_flags(bio, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
      }
      return Int32(taken)
    }
    unsafe BIO_meth_set_read(method) { bio, buffer, count in
      guard let bio = unsafe bio, let half = unsafe SessionSocket.half(of: bio) else { return -1 }
      unsafe BIO_clear_flags(bio, SessionSocket.retryFlags)
      let received = unsafe SessionSocket.receive(
        into: UnsafeMutableRawBufferPointer(start: buffer, count: Int(count)), from: half.descriptor)
      if received < 0, errno == EAGAIN {
        unsafe BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
      }
      if received == 0 { unsafe BIO_set_flags(bio, BIO_FLAGS_IN_EOF) }
      return Int32(received)
    }
    unsafe BIO_meth_set_ctrl(method) { bio, command, _, _ in
      switch command {
      case Int32(BIO_CTRL_FLUSH), Int32(BIO_CTRL_DUP): 1
      case Int32(BIO_CTRL_EOF): unsafe BIO_test_flags(bio, BIO_FLAGS_IN_EOF) == 0 ? 0 : 1
      default: 0
      }
    }
    return unsafe method
  }

  // An interruption is no reason to wait: the socket would not report itself again.

  /// Sends as many bytes as the socket takes; -1 with `errno` for none.
  static func send(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int {
    while true {
      let count = unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      if count >= 0 || errno != EINTR { return count }
    }
  }

  /// Receives bytes that have arrived; 0 at their end, -1 with `errno` for none.
  static func receive(into buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32) -> Int {
    while true {
      let count = unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
      if count >= 0 || errno != EINTR { return count }
    }
  }

  private static func half(of bio: OpaquePointer) -> TLSWriteHalf? {
    unsafe BIO_get_data(bio).map { unsafe Unmanaged<TLSWriteHalf>.fromOpaque($0).takeUnretainedValue() }
  }
}
