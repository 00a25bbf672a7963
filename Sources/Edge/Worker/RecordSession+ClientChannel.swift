import EdgeCore
import Reactor
import TLS

/// A session that was handed over is the channel of its client.
extension RecordSession: ClientChannel {
  func receive(into buffer: inout [UInt8]) -> TransferResult { TransferResult(read(into: &buffer)) }

  func sayEnd() { shutdown() }

  func delivery(of worker: WorkerDeliveries) -> any ClientDelivery {
    ChannelDelivery(worker: worker, delivery: worker.records, channel: self)
  }
}
