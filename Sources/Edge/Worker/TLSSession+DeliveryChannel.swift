import Glibc
import Reactor
import TLS

/// The channel of a TLS client is its session.
extension TLSSession: DeliveryChannel {
  /// One write of TLS takes one record. The socket becomes ready again only after it has been full, so records are
  /// written until it is.
  func send(_ bytes: [UInt8], from index: Int) -> TransferResult {
    var end = index
    while end < bytes.count {
      switch TransferResult(write(bytes, from: end)) {
      case .moved(let count): end += count
      case .wouldBlock where end > index: return .moved(end - index)
      case let other: return other
      }
    }
    return .moved(end - index)
  }

  static func send(_ bytes: [UInt8], toEach channels: [TLSSession], onShort: (Int, TransferResult) -> Void) {
    write(bytes, toEach: channels) { index, result in
      guard case .wrote(let count) = result else { return onShort(index, TransferResult(result)) }
      switch channels[index].send(bytes, from: count) {
      case .moved(let more) where count + more == bytes.count: break
      case .moved(let more): onShort(index, .moved(count + more))
      case .wouldBlock: onShort(index, .moved(count))
      case let broken: onShort(index, broken)
      }
    }
  }

  /// Reads into the buffer from its beginning.
  func receive(into buffer: inout [UInt8]) -> TransferResult {
    switch read(into: &buffer) {
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
  /// Any failure makes the session unusable. The cause does not matter, because the client is gone.
  static let tlsFailed = SystemError(call: "TLS", code: EPROTO)
}
