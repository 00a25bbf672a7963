import COpenSSL
import Glibc

// The outcome of a call of OpenSSL, in either direction.
extension TLSWriteHalf {
  enum Outcome {
    case wantsRead
    case wantsWrite
    case closed
    /// The socket is broken.
    case broken(TLSFailure)
    /// A side violated the protocol, or its policy.
    case violated(TLSFailure)
  }

  /// Interprets a failed call; `number` is `errno` immediately after it.
  func outcome(of status: Int32, _ number: Int32) -> Outcome {
    let kind = unsafe SSL_get_error(ssl, status)
    let queue = ErrorQueue.drained()
    return switch kind {
    case SSL_ERROR_WANT_READ: .wantsRead
    case SSL_ERROR_WANT_WRITE: .wantsWrite
    case SSL_ERROR_ZERO_RETURN: .closed
    case SSL_ERROR_SYSCALL: .broken(.system(number))
    default: .violated(TLSFailure(queue, policy: context.policy))
    }
  }

  /// Interprets a write that accepted nothing; `number` is `errno` immediately after it.
  func shortWrite(_ status: Int32, _ number: Int32, offered: Int) -> WriteResult {
    switch outcome(of: status, number) {
    case .wantsRead:
      bind(offered)
      return .wantsRead
    case .wantsWrite:
      bind(offered)
      return .wantsWrite
    case .closed: return .failed(TLSFailure(.reset, "the peer closed the connection"))
    case .broken(let failure) where failure.reason == .reset,
      .violated(let failure) where failure.reason == .reset:
      // The peer's last data or the reason for its hang-up may wait to be read, so reading stays possible.
      if let alert = waitingAlert() { return .failed(fail(alert)) }
      return .failed(failure)
    case .broken(let failure), .violated(let failure): return .failed(fail(failure))
    }
  }

  /// The alert that the peer sent before it hung up, if there is one and no data precedes it.
  private func waitingAlert() -> TLSFailure? {
    ErrorQueue.clear()
    var byte: UInt8 = 0
    let status = unsafe SSL_peek(ssl, &byte, 1)
    guard status <= 0, case .violated(let failure) = outcome(of: status, errno), failure.reason == .peerAlert
    else {
      return nil
    }
    return failure
  }
}
