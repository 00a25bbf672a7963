import EdgeCore
import HTTP

/// The delivery to one stream of an HTTP/2 connection.
struct StreamDelivery: ClientDelivery {
  let worker: WorkerDeliveries
  /// The stream; nil once it has ended, when its subscriber can only be taken away.
  let stream: HTTP2Stream?

  func join(
    _ slot: Int32, _ kind: StreamKind, _ framing: BodyFraming, opening head: [UInt8],
    followedBy answer: SharedBytes?
  ) -> Bool {
    guard let stream else { return false }
    return worker.http2.join(
      slot, kind, framing, over: stream, opening: head, followedBy: answer, at: worker.now)
  }

  func admit(_ slot: Int32, _ kind: StreamKind, _ framing: BodyFraming, opening head: [UInt8]) -> Bool {
    guard let stream else { return false }
    return worker.http2.admit(slot, kind, framing, over: stream, opening: head, at: worker.now)
  }

  func release(_ slot: Int32, _ kind: StreamKind, _ framing: BodyFraming) -> [UInt8] {
    worker.http2.release(slot, kind, framing)
  }

  func becameWritable(_ slot: Int32, _ kind: StreamKind, _ framing: BodyFraming) {
    worker.http2.becameWritable(slot, kind, framing)
    worker.serveIfDue()
  }
}
