import HTTP
import HubCore
import Primitives
import Reactor
import Transport

/// One HTTP client of the admin API: a request, an answer, and the next request if it keeps the connection. Or a watcher, who
/// is sent one thing after another until it leaves.
final class AdminConnection: ConnectionDelegate {
  /// How long a client may take for a request, and for its answer.
  private static let requestLimit = Duration.seconds(10)

  private let network: Network
  private let answer: (RequestHead) -> AdminAnswer
  private let ended: (AdminConnection) -> Void
  private var connection: Connection?
  private var parser = RequestHeadParser()
  private var bodyRemaining = 0
  private var timer: Deadline?
  /// True once it watches: it is sent one event after another, and is asked nothing more.
  private(set) var isWatching = false
  private var missed = 0

  /// - Parameters:
  ///   - answer: makes the answer to a request.
  ///   - ended: told once, when the connection is over.
  init(
    accepted descriptor: consuming FileDescriptor, from address: SocketAddress?, on network: Network,
    answer: @escaping (RequestHead) -> AdminAnswer,
    ended: @escaping (AdminConnection) -> Void
  ) {
    self.network = network
    self.answer = answer
    self.ended = ended
    timer = Deadline(on: network.loop) { [weak self] in self?.end() }
    connection = Connection(
      accepted: descriptor, from: address, on: network, security: .plain, delegate: self)
    extendTime()
  }

  /// Ends it now.
  func end() {
    timer?.set(nil)
    connection?.close()
    connection = nil
    ended(self)
  }

  private func extendTime() {
    timer?.set(network.loop.now.advanced(by: Self.requestLimit))
  }

  func connectionOpened(_ connection: Connection) {}

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    var index = 0
    while index < bytes.count, !isWatching, connection === self.connection {
      let skipped = min(bodyRemaining, bytes.count - index)
      bodyRemaining -= skipped
      index += skipped
      do throws(RequestHeadError) {
        guard let head = try parser.parse(bytes, from: &index) else { return }
        respond(to: head, on: connection)
      } catch {
        send(.line(error.status, error.explanation), .last, on: connection)
      }
    }
  }

  private func respond(to head: RequestHead, on connection: Connection) {
    bodyRemaining = head.contentLength
    switch answer(head) {
    case .response(let response): send(response, ResponseForm(for: head), on: connection)
    case .watch(let beginning):
      isWatching = true
      timer?.set(nil)
      connection.send(beginning)
    }
  }

  /// Sends a watcher the next event. One that has not taken all of the last one misses it, and is given up in the end: events
  /// are whole states, so a late one is of no use.
  func tell(_ event: [UInt8]) {
    guard let connection else { return }
    guard connection.backlog > 0 else {
      missed = 0
      return connection.send(event)
    }
    missed += 1
    if missed > StatusStream.missesMaximum { end() }
  }

  private func send(_ response: Response, _ form: ResponseForm, on connection: Connection) {
    let date = HTTPDate(unixSeconds: MonotonicClock.wallSeconds())
    connection.send(response.bytes(in: form, date: date))
    extendTime()
    guard !form.isKeepAlive else { return }
    self.connection = nil
    timer?.set(nil)
    connection.finish(within: Self.requestLimit)
    ended(self)
  }

  func connectionProgressed(_ connection: Connection) {}

  func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {
    if connection === self.connection { end() }
  }
}
