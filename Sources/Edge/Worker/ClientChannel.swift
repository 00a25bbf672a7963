import EdgeCore
import HTTP
import Reactor
import TLS

/// How bytes reach a client, whether it streams or not.
protocol ClientChannel: DeliveryChannel {
  /// The worker's deliveries to the clients of this channel.
  static func deliveries(of worker: WorkerDeliveries) -> Deliveries<Self>

  /// Reads into the buffer from its beginning.
  func receive(into buffer: inout [UInt8]) -> TransferResult
  /// Tells the client that no more bytes follow, if the channel has a message for that (TLS's close_notify). The end
  /// of the socket follows.
  func sayEnd()
}

extension ClientChannel {
  /// The delivery to this client.
  func delivery(_ framing: BodyFraming, of worker: WorkerDeliveries) -> any ClientDelivery {
    ChannelDelivery(delivery: Self.deliveries(of: worker)[framing], channel: self)
  }
}

extension Int32: ClientChannel {
  static func deliveries(of worker: WorkerDeliveries) -> Deliveries<Int32> { worker.plain }

  func receive(into buffer: inout [UInt8]) -> TransferResult {
    Socket.receive(self, into: &buffer)
  }

  func sayEnd() {}
}

extension TLSSession: ClientChannel {
  static func deliveries(of worker: WorkerDeliveries) -> Deliveries<TLSSession> { worker.secure }

  func sayEnd() { shutdown() }
}

/// The delivery to one client, over any channel. It identifies clients by the slot of their subscriber.
protocol ClientDelivery {
  /// See ``Delivery/join(_:_:channel:opening:followedBy:)``.
  func join(_ slot: Int32, _ kind: StreamKind, opening head: [UInt8], followedBy answer: SharedBytes?) -> Bool
  /// See ``Delivery/admit(_:_:channel:opening:)``.
  func admit(_ slot: Int32, _ kind: StreamKind, opening head: [UInt8]) -> Bool
  /// See ``Delivery/release(_:_:)``.
  func release(_ slot: Int32, _ kind: StreamKind) -> [UInt8]
  /// See ``Delivery/becameWritable(_:_:)``.
  func becameWritable(_ slot: Int32, _ kind: StreamKind)
}

private struct ChannelDelivery<Channel: ClientChannel>: ClientDelivery {
  let delivery: Delivery<Channel>
  let channel: Channel

  func join(
    _ slot: Int32, _ kind: StreamKind, opening head: [UInt8], followedBy answer: SharedBytes?
  ) -> Bool {
    delivery.join(slot, kind, channel: channel, opening: head, followedBy: answer)
  }

  func admit(_ slot: Int32, _ kind: StreamKind, opening head: [UInt8]) -> Bool {
    delivery.admit(slot, kind, channel: channel, opening: head)
  }

  func release(_ slot: Int32, _ kind: StreamKind) -> [UInt8] { delivery.release(slot, kind) }

  func becameWritable(_ slot: Int32, _ kind: StreamKind) { delivery.becameWritable(slot, kind) }
}
