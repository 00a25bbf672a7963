import EdgeCore
import Glibc
import HTTP
import Primitives
import Reactor
import TLS

/// How bytes reach a client and come from it, whether it streams or not.
protocol ClientChannel: HTTP2Output {
  /// Reads into the buffer from its beginning.
  func receive(into buffer: inout [UInt8]) -> TransferResult
  /// Tells the client that no more bytes follow, if the channel has a message for that (TLS's close_notify). The end
  /// of the socket follows.
  func sayEnd()
  /// The delivery to this client.
  func delivery(of worker: WorkerDeliveries) -> any ClientDelivery
}

/// The channel of a plain client.
struct PlainChannel: ClientChannel {
  /// The socket, as a borrowed number.
  let socket: Int32

  func send(_ bytes: [UInt8], from start: Int) -> WriteOutcome {
    WriteOutcome(Socket.send(socket, bytes, from: start))
  }

  func receive(into buffer: inout [UInt8]) -> TransferResult { Socket.receive(socket, into: &buffer) }

  func sayEnd() {}

  func delivery(of worker: WorkerDeliveries) -> any ClientDelivery {
    ChannelDelivery(worker: worker, delivery: worker.plain, channel: socket)
  }
}

/// The channel of a TLS client is its session.
extension TLSSession: ClientChannel {
  package func send(_ bytes: [UInt8], from start: Int) -> WriteOutcome { output.send(bytes, from: start) }

  func receive(into buffer: inout [UInt8]) -> TransferResult { TransferResult(read(into: &buffer)) }

  func sayEnd() { output.shutdown() }

  func delivery(of worker: WorkerDeliveries) -> any ClientDelivery {
    ChannelDelivery(worker: worker, delivery: worker.secure, channel: output)
  }
}

extension TransferResult {
  init(_ result: TLSSession.ReadResult) {
    self =
      switch result {
      case .bytes(let count): .moved(count)
      case .wantsRead, .wantsWrite: .wouldBlock
      case .closed: .ended
      case .failed: .failed(.tlsFailed)
      }
  }
}

extension SystemError {
  /// Any failure makes the session unusable. The cause does not matter, because the client is gone.
  fileprivate static let tlsFailed = SystemError(call: "TLS", code: EPROTO)
}

/// The delivery to one client, over any channel. It identifies clients by the slots of their subscribers.
protocol ClientDelivery {
  /// See ``EdgeCore/Delivery/join(_:_:_:over:opening:followedBy:at:)``.
  func join(
    _ slot: Int32, _ kind: StreamKind, _ framing: BodyFraming, opening head: [UInt8],
    followedBy answer: SharedBytes?
  ) -> Bool
  /// See ``EdgeCore/Delivery/admit(_:_:_:over:opening:at:)``.
  func admit(_ slot: Int32, _ kind: StreamKind, _ framing: BodyFraming, opening head: [UInt8]) -> Bool
  /// See ``EdgeCore/Delivery/release(_:_:_:)``.
  func release(_ slot: Int32, _ kind: StreamKind, _ framing: BodyFraming) -> [UInt8]
  /// See ``EdgeCore/Delivery/becameWritable(_:_:_:)``.
  func becameWritable(_ slot: Int32, _ kind: StreamKind, _ framing: BodyFraming)
}

// Three references, so that it fits into an existential without memory of its own: there is one for each operation.
struct ChannelDelivery<Writer: BatchWriter>: ClientDelivery {
  let worker: WorkerDeliveries
  let delivery: Delivery<Writer>
  let channel: Writer.Channel

  func join(
    _ slot: Int32, _ kind: StreamKind, _ framing: BodyFraming, opening head: [UInt8],
    followedBy answer: SharedBytes?
  ) -> Bool {
    delivery.join(slot, kind, framing, over: channel, opening: head, followedBy: answer, at: worker.now)
  }

  func admit(_ slot: Int32, _ kind: StreamKind, _ framing: BodyFraming, opening head: [UInt8]) -> Bool {
    delivery.admit(slot, kind, framing, over: channel, opening: head, at: worker.now)
  }

  func release(_ slot: Int32, _ kind: StreamKind, _ framing: BodyFraming) -> [UInt8] {
    delivery.release(slot, kind, framing)
  }

  func becameWritable(_ slot: Int32, _ kind: StreamKind, _ framing: BodyFraming) {
    delivery.becameWritable(slot, kind, framing)
    worker.serveIfDue()
  }
}
