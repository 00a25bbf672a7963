import EdgeCore
import HTTP
import Primitives
import Reactor

// The writing end of the probe: a client of the first worker that is in no table and no count. The code that serves
// all other clients serves it too.
extension Worker {
  /// No client has this slot.
  static let probeSlot: Int32 = -1
  /// The probe reads events without HTTP.
  static let probeFraming = BodyFraming.untilClose

  /// Begins to deliver to the probe.
  ///
  /// - Parameter sockets: open since before the worker began; the worker writes to the first end.
  func serveProbe(_ sockets: SocketPair) throws(SystemError) {
    probe = sockets
    _ = try loop.register(
      sockets.first.number, for: [.writable, .edgeTriggered], handler: self, token: Int(Self.probeSlot))
    _ = probeDelivery?.join(
      Self.probeSlot, .probe, Self.probeFraming, opening: [], followedBy: nil)
  }

  /// The delivery to the probe; nil on workers that do not serve it.
  var probeDelivery: (any ClientDelivery)? {
    probe.map { PlainChannel(socket: $0.first.number).delivery(of: deliveries) }
  }

  /// Drops a subscriber that can no longer be served. Without the probe its account no longer changes, which the
  /// metrics show.
  func giveUp(_ slot: Int32, _ reason: CloseReason) {
    guard slot == Self.probeSlot else {
      guard let client = subscribers.id(at: slot), let subscriber = subscribers[client] else { return }
      // What lags may be one stream or the whole connection. A connection that takes nothing holds most.
      if let connection = connections[subscriber.connection]?.http2,
        !(reason == .memoryShort && connection.isBlocked)
      {
        return giveUp(client, subscriber, over: connection, reason)
      }
      return close(subscriber.connection, reason)
    }
    _ = probeDelivery?.release(slot, .probe, Self.probeFraming)
  }
}
