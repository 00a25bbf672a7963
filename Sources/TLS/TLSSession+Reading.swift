import COpenSSL
import Glibc

extension TLSSession {
  /// The result of `read`.
  package enum ReadResult: Hashable, Sendable {
    /// The number of bytes in the buffer, at least one.
    case bytes(Int)
    /// No bytes; call again when the socket is readable.
    case wantsRead
    /// No bytes; call again when the socket is writable.
    case wantsWrite
    /// The peer will send no more (`close_notify`). It may still read.
    case closed
    /// Broken, cut off, or refused by the peer.
    case failed(TLSFailure)
  }

  /// Reads at most one record, ``TLSWriteHalf/recordMaximum``.
  ///
  /// - Parameter buffer: not empty. Bytes beyond the returned count may have been overwritten.
  package func read(into buffer: UnsafeMutableRawBufferPointer) -> ReadResult {
    if let failure = output.failure { return .failed(failure) }
    precondition(isEstablished, "the handshake comes first")
    ErrorQueue.clear()
    var count = 0
    let status = unsafe SSL_read_ex(ssl, buffer.baseAddress, buffer.count, &count)
    if status == 1 { return .bytes(count) }
    return switch output.outcome(of: status, errno) {
    case .wantsRead: .wantsRead
    case .wantsWrite: .wantsWrite
    case .closed: .closed
    case .broken(let failure), .violated(let failure): .failed(output.fail(failure))
    }
  }

  /// Reads at most one record into the beginning of an array.
  ///
  /// - Parameters:
  ///   - buffer: not empty. Its bytes beyond the count of the answer may have been overwritten.
  ///   - limit: how many bytes are read at most, at least 1.
  package func read(into buffer: inout [UInt8], limit: Int = .max) -> ReadResult {
    unsafe buffer.withUnsafeMutableBytes { bytes in
      unsafe read(into: UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(limit)))
    }
  }
}
