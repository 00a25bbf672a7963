import HubCore
import Primitives
import Wire

/// The connection of one edge at its hub: it does what `EdgeLinkDriver` does.
final class HubSideLink {
  let number: Int
  let end: End<[UInt8]>
  private unowned let hub: SimulatedHub
  private var decoder = FrameDecoder(from: .edge)
  private(set) lazy var alarm = Alarm(on: hub.world.scheduler) { [weak self] in self?.timerFired() }
  /// The machine; nil once the link has ended.
  var machine: EdgeLink?

  init(number: Int, end: End<[UInt8]>, hub: SimulatedHub) {
    self.number = number
    self.end = end
    self.hub = hub
    // The certificate has the name of the node that dialed.
    machine = EdgeLink(terms: hub.terms, peerNames: [end.peer], now: hub.world.now)
    alarm.set(machine?.deadline)
    end.onReceive = { [weak self] in self?.received($0) }
    end.onProgress = { [weak self] in self?.progressed() }
    end.onClose = { [weak self] _ in self?.ended() }
  }

  var node: NodeName? { machine?.hello?.node }
  private var now: Instant { hub.world.now }

  static func encoded(_ messages: [Message]) -> [UInt8] {
    var writer = ByteWriter()
    for message in messages { message.encode(into: &writer) }
    return writer.bytes
  }

  // MARK: Sending

  func send(_ message: Message) {
    queue(Self.encoded([message]))
  }

  func queue(_ bytes: [UInt8]) {
    end.send(bytes)
    machine?.framesQueued(backlog: end.backlog, now: now)
    checkBacklog(adding: bytes.count)
    alarm.set(machine?.deadline)
  }

  func sendSnapshot(_ bytes: [UInt8]) {
    if let gap = machine?.takeGap() {
      hub.world.happened(.skippedFrames)
      end.send(Self.encoded([.gap(gap)]))
    }
    end.send(bytes)
    machine?.snapshotQueued(backlog: end.backlog, now: now)
    checkBacklog(adding: bytes.count)
    alarm.set(machine?.deadline)
  }

  /// Sends the answer to a query. Returns false if it may not be sent at present.
  func answer(_ bytes: [UInt8]) -> Bool {
    guard machine?.admitsAnswer(byteCount: bytes.count) == true else { return false }
    queue(bytes)
    machine?.queryAnswered()
    return true
  }

  func refuse(_ query: Query, _ outcome: QueryOutcome) {
    send(query.answer(without: outcome))
    machine?.queryAnswered()
  }

  /// P3: beyond the limit there may be one snapshot and one flush, and small rare messages.
  private func checkBacklog(adding count: Int) {
    let limit = hub.terms.backlogMaximum * 2 + 8_192 + count
    if end.backlog > limit {
      hub.world.violated("P3", "\(hub.name) keeps \(end.backlog) bytes for \(end.peer), limit \(limit)")
    }
  }

  func displace(_ end: EdgeLinkEnd) {
    if let closure = machine?.displaced(end, now: now) { close(closure) }
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
    alarm.set(machine?.deadline)
  }

  private func close(_ closure: EdgeLink.Closure) {
    if let farewell = closure.farewell { end.send(Self.encoded([.goAway(farewell)])) }
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
    case .changeInterest(let interest): hub.changed(interest, of: self)
    case .answer(let query): hub.asked(query, by: self)
    case .refuseQuery(let query): send(query.answer(without: .unavailable))
    case .recordReport(let report): hub.reported(report, by: self)
    case .close(let closure):
      if closure.end == .protocolError {
        hub.world.violated("protocol", "\(hub.name) refused \(end.peer): \(closure.farewell?.text ?? "")")
      }
      close(closure)
    }
  }

  private func progressed() {
    machine?.bytesSent(backlog: end.backlog, now: now)
    if machine?.needsSnapshot == true { hub.publishSnapshot(to: [self]) }
    alarm.set(machine?.deadline)
  }
}
