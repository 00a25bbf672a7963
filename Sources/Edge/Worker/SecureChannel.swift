import Glibc
import Reactor
import TLS

/// A client within TLS is reached by its session.
extension TLSSession: DeliveryChannel {
  func send(_ bytes: [UInt8], from index: Int) -> TransferResult {
    let result = unsafe bytes.withUnsafeBytes { unsafe write(UnsafeRawBufferPointer(rebasing: $0[index...])) }
    return TransferResult(result)
  }

  static func send(_ bytes: [UInt8], toEach channels: [TLSSession], onShort: (Int, TransferResult) -> Void) {
    write(bytes, toEach: channels) { index, result in onShort(index, TransferResult(result)) }
  }

  /// Reads into the buffer from its beginning.
  func receive(into buffer: inout [UInt8]) -> TransferResult {
    switch unsafe buffer.withUnsafeMutableBytes({ unsafe read(into: $0) }) {
    case .bytes(let count): .moved(count)
    case .wantsRead, .wantsWrite: .wouldBlock
    case .closed: .ended
    case .failed: .failed(.tlsFailed)
    }
  }
}

extension TransferResult {
  init(_ result: TLSSession.WriteResult) {
    self =
      switch result {
      case .wrote(let count): .moved(count)
      case .wantsRead, .wantsWrite: .wouldBlock
      case .failed: .failed(.tlsFailed)
      }
  }
}

extension SystemError {
  /// The session is of no further use; why does not matter to a client that is gone.
  static let tlsFailed = SystemError(call: "TLS", code: EPROTO)
}
