import EdgeCore
import HTTP
import Primitives
import Reactor
import TLS

// How answers are written.
extension Worker {
  /// How a client is answered.
  func manner(of slot: Int32) -> Manner {
    if table[slot].isForStatus { return configuration.status }
    return table[slot].tls == nil ? configuration.plain : configuration.secure
  }

  /// The time of an answer.
  var date: HTTPDate { HTTPDate(unixSeconds: MonotonicClock.wallSeconds()) }

  /// Sends the last answer of a connection.
  func sendLast(_ response: Response, to slot: Int32) {
    send(response, .last(with: manner(of: slot).session.fields.shared), to: slot)
  }

  func send(_ response: Response, _ form: ResponseForm, to slot: Int32) {
    write(response.bytes(in: form, date: date), to: slot)
  }

  /// Writes a response, and goes on when the socket has taken it whole.
  func write(_ bytes: [UInt8], to slot: Int32) {
    table[slot].outbound = bytes
    table[slot].outboundSent = 0
    setDeadline(slot, after: configuration.lagMaximum)
    writeOutbound(slot)
  }

  func writeOutbound(_ slot: Int32) {
    while table[slot].outboundSent < table[slot].outbound.count {
      switch table.sendOutbound(of: slot) {
      case .moved(let count):
        table[slot].outboundSent += count
        totals.bytesSent += UInt64(count)
      case .wouldBlock, .ended: return
      case .failed: return close(slot, .reset)
      }
    }
    table[slot].outbound = []
    switch table[slot].session.responseWritten() {
    case .readOn:
      setDeadline(slot, after: configuration.headLimit)
      readSoon(slot)
    case .finishWriting:
      table[slot].tls?.shutdown()
      Socket.shutdownWriting(table[slot].descriptor)
      setDeadline(slot, after: Self.lingerLimit)
      readSoon(slot)
    case .close(let reason): close(slot, reason)
    }
  }
}
