import HTTP
import HubCore
import Primitives
import Reactor
import TLS
import Transport

/// The owner of an ``AdminConnection``.
protocol AdminConnectionDelegate: AnyObject {
  /// A request is complete. Its answer goes to ``AdminConnection/answer(_:)`` or ``AdminConnection/watch(_:)``, now
  /// or later.
  func adminConnection(_ connection: AdminConnection, asked head: RequestHead, body: [UInt8])
  /// The connection has ended.
  ///
  /// - Parameter refusal: why it could not be established; nil if it was.
  func adminConnectionEnded(_ connection: AdminConnection, refusal: DisconnectReason?)
}

/// Owns the connection of one HTTP client of the admin API, and performs what its ``HTTP/ServerExchange`` decides. A
/// client of the status stream is a watcher: it gets events until it leaves.
final class AdminConnection: ConnectionDelegate {
  /// The time limit for a request, and for its answer.
  private static let requestLimit = Duration.seconds(10)
  /// A client that takes no bytes for this long counts as gone.
  private static let silenceLimit = Duration.seconds(30)
  /// The size of the kernel's send buffer in bytes; the kernel reserves as many for itself.
  private static let kernelMaximum: Int32 = 64 * 1024
  /// The most bytes that may arrive after a request that is not answered yet.
  private static let pipelineMaximum = 32 * 1024

  private let network: Network
  /// The listener that accepted the connection.
  let listener: AdminListener
  private weak var delegate: (any AdminConnectionDelegate)?
  private var connection: Connection?
  private var exchange = ServerExchange(
    bodyMaximum: AdminAPI.bodyMaximum, pipelineMaximum: AdminConnection.pipelineMaximum)
  /// Received bytes that the exchange has not taken yet.
  private var waiting: [UInt8] = []
  private var timer: Deadline?
  private var missed = 0
  /// The peer's address, if it has one.
  let address: SocketAddress?
  /// The peer; nil until the connection is established.
  private(set) var peer: AdminPeer?

  init(
    accepted descriptor: consuming FileDescriptor, from address: SocketAddress?, by listener: AdminListener,
    on network: Network, security: Security, delegate: any AdminConnectionDelegate
  ) {
    self.network = network
    self.address = address
    self.listener = listener
    self.delegate = delegate
    timer = Deadline(on: network.loop) { [weak self] in self?.end() }
    Socket.detectDeadPeer(descriptor.number, after: Self.silenceLimit)
    Socket.limitSendBuffer(descriptor.number, to: Self.kernelMaximum)
    connection = Connection(
      accepted: descriptor, from: address, on: network, security: security, delegate: self)
    extendTime()
  }

  /// Whether the client is a watcher, which gets events and can send no further request.
  var isWatching: Bool { exchange.isStreaming }

  /// Whether the client's certificate has been revoked since it was accepted.
  func isRevoked(by context: TLSContext) -> Bool {
    connection?.peerCertificate.map(context.revoked.contains) ?? false
  }

  /// Closes the connection now.
  func end() {
    guard let connection else { return }
    self.connection = nil
    connection.close()
    over()
  }

  private func over(_ refusal: DisconnectReason? = nil) {
    exchange.connectionEnded()
    timer?.set(nil)
    delegate?.adminConnectionEnded(self, refusal: refusal)
  }

  private func extendTime() {
    timer?.set(network.loop.now.advanced(by: Self.requestLimit))
  }

  // MARK: Answers

  /// Answers the pending request. Does nothing if the connection has ended.
  func answer(_ response: Response) {
    if let form = exchange.answered() { send(response, form) }
  }

  /// Begins to send events. The client can send no further request.
  func watch(_ beginning: [UInt8]) {
    guard exchange.streamBegan() else { return }
    timer?.set(nil)
    connection?.send(beginning)
  }

  /// Sends a watcher the next event. A watcher that has not taken all of the last one misses it, and is disconnected
  /// in the end. An event holds the whole state, so a late one would be useless.
  func sendEvent(_ event: [UInt8]) {
    guard let connection else { return }
    guard connection.backlog > 0 else {
      missed = 0
      return connection.send(event)
    }
    missed += 1
    if missed > StatusStream.missesMaximum { end() }
  }

  private func send(_ response: Response, _ form: ResponseForm) {
    guard let connection else { return }
    let date = HTTPDate(unixSeconds: MonotonicClock.wallSeconds())
    connection.send(response.bytes(in: form, date: date))
    extendTime()
    guard !form.isKeepAlive else { return }
    self.connection = nil
    connection.finish(within: Self.requestLimit)
    over()
  }

  // MARK: Requests

  /// Handles received bytes, as far as requests are complete and answered.
  private func proceed() {
    var index = 0
    defer { waiting.removeFirst(min(index, waiting.count)) }
    while connection != nil {
      switch exchange.bytesReceived(waiting.span, from: &index) {
      case .wait: return
      case .answer(let head, let body): delegate?.adminConnection(self, asked: head, body: body)
      case .refuse(let refusal): send(AdminAnswer.problem(refusal.status, refusal.explanation), .last)
      case .close: end()
      }
    }
  }

  // MARK: Connection

  func connectionOpened(_ connection: Connection) {
    let door: AdminPeer.Door =
      switch listener {
      case .local: address?.family == .unix || address == nil ? .unixSocket : .loopback
      case .secure: .secure(connection.peerCertificate.map { .init(names: $0.names, subject: $0.subject) })
      case .status: .status
      }
    let bytes = address?.networkBytes.map(Array.init) ?? []
    peer = AdminPeer(
      door: door, address: address?.host ?? "unix", network: bytes.count > 4 ? Array(bytes.prefix(8)) : bytes)
  }

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    waiting.reserveCapacity(waiting.count + bytes.count)
    for index in bytes.indices { waiting.append(bytes[index]) }
    proceed()
  }

  func connectionProgressed(_ connection: Connection) {
    // An answer has been sent: the bytes after its request are handled next.
    if !waiting.isEmpty { proceed() }
  }

  func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {
    guard connection === self.connection else { return }
    self.connection = nil
    over(peer == nil ? reason : nil)
  }
}
