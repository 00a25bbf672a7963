import HubCore
import Primitives
import Wire

/// The connection of one edge at its hub: it does what `EdgeLinkDriver` does.
final class HubSideLink: EdgeChannel {
  let number: Int
  let end: End<[UInt8]>
  private unowned let hub: SimulatedHub
  private var decoder = FrameDecoder(from: .edge)
  private(set) lazy var alarm = Alarm(on: hub.world.scheduler) { [weak self] in self?.timerFired() }
  private var skipped: UInt64 = 0
  /// The machine; nil once the link has ended.
  var machine: EdgeLink?

  init(number: Int, end: End<[UInt8]>, hub: SimulatedHub) {
    self.number = number
    self.end = end
    self.hub = hub
    // The certificate has the name of the node that dialed.
    machine = EdgeLink(terms: hub.terms, peerNames: [end.peer], now: hub.world.now)
    armTimer()
    end.onReceive = { [weak self] in self?.received($0) }
    end.onProgress = { [weak self] in self?.progressed() }
    end.onClose = { [weak self] _ in self?.ended() }
  }

  var now: Instant { hub.world.now }
  var backlog: Int { end.backlog }

  func armTimer() { alarm.set(machine?.deadline) }

  /// The process has died.
  func vanish() {
    machine = nil
    armTimer()
    end.vanish()
  }

  func transmit(_ bytes: [UInt8]) {
    if let machine, machine.skippedRaw + machine.skippedTopicEvents > skipped {
      skipped = machine.skippedRaw + machine.skippedTopicEvents
      hub.world.happened(.skippedFrames)
    }
    end.send(bytes)
    // P3: beyond the limit there may be one snapshot and one flush, and small rare messages.
    let limit = hub.terms.backlogMaximum * 2 + 8_192 + bytes.count
    if backlog > limit {
      hub.world.violated("P3", "\(hub.name) keeps \(backlog) bytes for \(end.peer), limit \(limit)")
    }
  }

  // MARK: The machine's actions

  private func timerFired() {
    guard let action = machine?.timerTriggered(now: now) else { return }
    switch action {
    case .ignore: break
    case .ping(let ping): send(.ping(ping))
    case .close(let closure): close(closure)
    case .disconnect:
      end.close()
      ended()
    }
    armTimer()
  }

  func close(_ closure: EdgeLink.Closure) {
    if let farewell = closure.farewell { end.send([.goAway(farewell)].encoded) }
    end.finish()
    ended()
  }

  private func ended() {
    guard var last = machine else { return }
    machine = nil
    alarm.set(nil)
    hub.ended(self, last.connectionClosed(now: now))
  }

  private func received(_ bytes: [UInt8]) {
    guard machine != nil else { return }
    machine?.bytesReceived(now: now)
    decoder.append(bytes.span)
    do throws(WireError) {
      while machine != nil, let message = try decoder.next() { handle(message) }
    } catch {
      hub.world.violated("protocol", "\(hub.name) refused what \(end.peer) sent: \(error)")
    }
  }

  private func handle(_ message: Message) {
    guard let action = machine?.messageReceived(message, now: now) else { return }
    switch action {
    case .ignore, .finishCommand: break
    case .welcome(let hello, let welcome): hub.greeted(self, by: hello, welcome)
    case .send(let message): send(message)
    case .changeInterest(let interest): hub.edges.changed(interest, of: self)
    case .answer(let query): hub.asked(query, by: self)
    case .refuseQuery(let query): send(query.answer(without: .unavailable))
    case .recordReport(let report):
      hub.edges.reported(report, by: self, at: hub.stream.table.flushedPosition)
    case .close(let closure):
      if closure.end == .protocolError {
        hub.world.violated("protocol", "\(hub.name) refused \(end.peer): \(closure.farewell?.text ?? "")")
      }
      close(closure)
    }
  }

  private func progressed() { hub.edges.progressed(self, table: hub.stream.table) }
}
