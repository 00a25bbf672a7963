import EdgeCore
import HTTP
import Primitives
import Reactor

// The probe's end at which events are written: a client of the first worker that is in no table and no count, and is served
// by the very code that serves all others.
extension Worker {
  /// No client has this place.
  static let probeSlot: Int32 = -1
  /// It reads events, and no HTTP.
  static let probeFraming = BodyFraming.untilClose

  /// Begins to deliver to the probe.
  ///
  /// - Parameter sockets: open since before the worker began; it writes to the first end.
  func serveProbe(_ sockets: SocketPair) throws(SystemError) {
    probe = sockets
    _ = try loop.register(
      sockets.first.number, for: [.writable, .edgeTriggered], handler: self, token: Int(Self.probeSlot))
    _ = deliveries.plain[Self.probeFraming].join(
      Self.probeSlot, .probe, channel: sockets.first.number, opening: [])
  }

  /// Lets a subscriber go that cannot be served any more. Without the probe the books stand still, and that is seen.
  func giveUp(_ slot: Int32, _ reason: CloseReason) {
    guard slot == Self.probeSlot else {
      guard let client = subscribers.id(at: slot), let subscriber = subscribers[client] else { return }
      return close(subscriber.connection, reason)
    }
    _ = deliveries.plain[Self.probeFraming].release(slot, .probe)
  }
}
