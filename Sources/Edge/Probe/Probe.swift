import EdgeCore
import Primitives
import Reactor

/// A client inside the edge. It reads what the first worker delivers, and checks that the events add up.
///
/// The link's thread reads it from one end of a pair of sockets. So its events go the same way as all events: through
/// the stream's log, its sums when the probe lags, and the kernel.
final class Probe: ReadinessHandler {
  private let sockets: SocketPair
  private var buffer = [UInt8](repeating: 0, count: 16 * 1024)
  /// The account of deliveries.
  private(set) var ledger = DeliveryAudit()

  /// - Parameter sockets: a worker writes to the first end.
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
