import Foundation
import Primitives
import Reactor
import Synchronization
import TLS
import Testing
import Transport
import Wire

/// An edge without clients, which records its hub's messages in order, and sends what a test wants.
///
/// It answers pings, so that its link stays up.
final class ProbeEdge: Sendable {
  private enum Command: Sendable {
    case send(Message)
    case close
  }

  private let mailbox: Mailbox<Command>
  private let received = Mutex<[Message]>([])

  /// Connects with that node's certificate, and waits for the last part of the first snapshot.
  init(_ node: String, to address: SocketAddress) throws {
    let folder = try TestRun.shared().ours
    let identity = try Identity(
      certificateFile: folder.appending(path: "\(node).pem").path,
      keyFile: folder.appending(path: "\(node).key").path)
    let context = try TLSContext(
      policy: .linkClient(alpn: RelayProtocol.applicationProtocolName), identity: identity,
      authority: .file(folder.appending(path: "ca.pem").path))
    let name = try #require(ServerName(address.host))
    let hello = Message.hello(
      Hello(
        node: try #require(NodeName(node)), softwareVersion: try #require(SoftwareVersion("0.0.0")),
        lastLineage: nil, lastPosition: 0))
    let mailbox = try Mailbox<Command>()
    self.mailbox = mailbox
    try LoopThread.start("test-edge") { [self] in
      do {
        let loop = try EventLoop()
        let owner = ProbeEdgeOwner(greeting: hello) { [self] message in
          received.withLock { $0.append(message) }
        }
        let connection = Connection(
          to: .tcp(host: address.host, port: address.port), on: try Network(on: loop),
          security: .tlsClient(context, name), delegate: owner)
        try loop.receive(from: mailbox) { [loop] commands in
          for command in commands {
            switch command {
            case .send(let message): owner.send(message, on: connection)
            case .close: loop.stop()
            }
          }
        }
        withExtendedLifetime((owner, connection)) { loop.run() }
        connection.close()
      } catch {
        preconditionFailure("the probe's loop cannot start: \(error)")
      }
    }
    try wait(for: "the snapshot") {
      messages.contains { if case .snapshot(let snapshot) = $0 { snapshot.isLast } else { false } }
    }
  }

  func close() { mailbox.post(.close) }

  /// All messages of the hub, in order.
  var messages: [Message] { received.withLock { $0 } }

  func send(_ message: Message) { mailbox.post(.send(message)) }

  func ask(_ id: UInt64, _ question: Query.Question) { send(.query(Query(id: id, question))) }

  /// Waits until this number of queries is answered.
  func waitForAnswers(_ count: Int) throws {
    try wait(for: "\(count) answers") { messages.count(where: \.isLastOfAnswer) >= count }
  }
}

extension Message {
  /// Whether this is the last message of an answer to a query.
  var isLastOfAnswer: Bool {
    switch self {
    case .pastTotals(let totals): totals.isLast
    case .order(let order): order.isLast
    case .tweets: true
    default: false
    }
  }
}

private final class ProbeEdgeOwner: ConnectionDelegate {
  private let greeting: Message
  private let receive: (Message) -> Void
  private var decoder = FrameDecoder(from: .hub)

  init(greeting: Message, receive: @escaping (Message) -> Void) {
    self.greeting = greeting
    self.receive = receive
  }

  func send(_ message: Message, on connection: Connection) {
    var writer = ByteWriter()
    message.encode(into: &writer)
    connection.send(writer.bytes)
  }

  func connectionOpened(_ connection: Connection) { send(greeting, on: connection) }

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    decoder.append(bytes)
    do throws(WireError) {
      while let message = try decoder.next() {
        if case .ping(let ping) = message { send(.pong(Pong(stamp: ping.stamp)), on: connection) }
        receive(message)
      }
    } catch {
      Issue.record("the hub sent what is no message: \(error)")
    }
  }

  func connectionProgressed(_ connection: Connection) {}

  func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {}
}
