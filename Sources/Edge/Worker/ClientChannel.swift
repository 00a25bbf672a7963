import EdgeCore
import HTTP
import Reactor
import TLS

/// How a client is reached, whether it streams or not.
protocol ClientChannel: DeliveryChannel {
  /// The deliveries of a worker to those that are reached so.
  static func deliveries(of worker: WorkerDeliveries) -> Deliveries<Self>

  /// Reads into the buffer from its beginning.
  func receive(into buffer: inout [UInt8]) -> TransferResult
  /// Says that no more bytes follow, where the channel has words for that; the socket's own end comes behind it.
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

/// The delivery to one client, however it is reached. Clients are known to it by the slot of their subscriber.
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
