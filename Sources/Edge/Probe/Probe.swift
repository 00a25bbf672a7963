import EdgeCore
import Primitives
import Reactor

/// A client of the edge within the edge: it reads what the first worker delivers, and keeps the books of it.
///
/// It is read by the link's thread, from one end of a pair of sockets, so that what it gets went the way of all events:
/// through the stream's log, its sums when it lags, and the kernel.
final class Probe: ReadinessHandler {
  private let sockets: SocketPair
  private var buffer = [UInt8](repeating: 0, count: 16 * 1024)
  /// The books.
  private(set) var ledger = DeliveryLedger()

  /// - Parameter sockets: whose first end a worker writes to.
  init(_ sockets: SocketPair, on loop: EventLoop) throws(SystemError) {
    self.sockets = sockets
    _ = try loop.register(sockets.second.number, for: .readable, handler: self)
  }

  func descriptorReady(_ readiness: Readiness, token: Int) {
    guard case .moved(let count) = Socket.receive(sockets.second.number, into: &buffer) else { return }
    let bytes = buffer
    ledger.bytesReceived(bytes.span.extracting(0..<count))
  }
}
