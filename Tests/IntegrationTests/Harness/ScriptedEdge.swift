import Foundation
import Primitives
import Reactor
import Synchronization
import TLS
import Transport
import Wire

/// An edge without clients that follows a test's script: it connects, reports a number of clients, and answers
/// commands.
final class ScriptedEdge: Sendable {
  private enum Order: Sendable {
    case report, stop
  }

  /// Its answer to a command; nil for none.
  typealias Script = @Sendable (Command, ScriptedEdge) -> CommandResult?

  let name: String
  private let mailbox: Mailbox<Order>
  private let count: Mutex<Int>
  private let told = Mutex<[Command]>([])

  /// The number of clients that it reports.
  var clients: Int {
    get { count.withLock { $0 } }
    set { count.withLock { $0 = newValue } }
  }

  /// Changes the number of clients that it reports.
  func change(by amount: Int) { count.withLock { $0 += amount } }

  /// The commands that it received, except for reports.
  var commands: [Command] { told.withLock { $0 } }

  /// Connects to a hub and waits until it is live there.
  init(
    _ name: String, of hub: Hub, clients: Int = 0, isDraining: Bool = false,
    script: @escaping Script = { command, _ in CommandResult(id: command.id, outcome: .done) }
  ) throws {
    self.name = name
    count = Mutex(clients)
    let mailbox = try Mailbox<Order>()
    self.mailbox = mailbox
    let ours = try TestRun.shared().ours
    let identity = try Identity(
      certificateFile: ours.appending(path: "\(name).pem").path,
      keyFile: ours.appending(path: "\(name).key").path)
    let context = try TLSContext.linkClient(
      identity: identity, authority: ours.appending(path: "ca.pem").path,
      alpn: RelayProtocol.applicationProtocolName)
    let port = hub.linkPort
    try LoopThread.start("scripted-edge") { [self] in
      do {
        let loop = try EventLoop()
        let link = try ScriptedLink(self, port, context, loop, isDraining, script)
        try loop.receive(from: mailbox) { orders in
          for order in orders {
            switch order {
            case .report: link.report()
            case .stop: loop.stop()
            }
          }
        }
        withExtendedLifetime(link) { loop.run() }
        link.close()
      } catch {
        preconditionFailure("a scripted edge cannot start: \(error)")
      }
    }
    try wait(for: name) { try hub.page().edge(name)?.state == "live" }
  }

  fileprivate func wasTold(_ command: Command) { told.withLock { $0.append(command) } }

  /// Sends a report now.
  func report() { mailbox.post(.report) }

  /// Closes the connection without a goAway.
  func stop() { mailbox.post(.stop) }
}

/// Its link, on a thread of its own.
private final class ScriptedLink: ConnectionDelegate {
  private let edge: ScriptedEdge
  private let loop: EventLoop
  private let isDraining: Bool
  private let script: ScriptedEdge.Script
  private let network: Network
  private var connection: Connection?
  private var decoder = FrameDecoder(from: .hub)

  init(
    _ edge: ScriptedEdge, _ port: UInt16, _ context: TLSContext, _ loop: EventLoop, _ isDraining: Bool,
    _ script: @escaping ScriptedEdge.Script
  ) throws {
    self.edge = edge
    self.loop = loop
    self.isDraining = isDraining
    self.script = script
    network = try Network(on: loop)
    guard let name = ServerName("127.0.0.1") else { preconditionFailure("127.0.0.1 is no name") }
    connection = Connection(
      to: .tcp(host: "127.0.0.1", port: port), on: network, security: .tlsClient(context, name),
      delegate: self)
    beat()
  }

  /// Without a goAway.
  func close() { connection?.close() }

  private func send(_ message: Message) {
    var writer = ByteWriter()
    message.encode(into: &writer)
    connection?.send(writer.bytes)
  }

  private func beat() {
    loop.schedule(at: loop.now.advanced(by: .seconds(1))) { [weak self] in
      guard let self else { return }
      send(.ping(Ping(stamp: loop.now.nanoseconds)))
      beat()
    }
  }

  func report() {
    var report = Report()
    report[.clientsEPS] = UInt64(max(0, edge.clients))
    report[.isDraining] = isDraining ? 1 : 0
    send(.report(report))
  }

  func connectionOpened(_ connection: Connection) {
    guard let node = NodeName(edge.name), let version = SoftwareVersion("0.0.1") else { return }
    send(.hello(Hello(node: node, softwareVersion: version)))
  }

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    decoder.append(bytes)
    while let message = try? decoder.next() {
      switch message {
      case .welcome: report()
      case .ping(let ping): send(.pong(Pong(stamp: ping.stamp)))
      case .command(let command) where command.verb == .reportNow:
        report()
        send(.commandResult(CommandResult(id: command.id, outcome: .done)))
      case .command(let command):
        edge.wasTold(command)
        if let result = script(command, edge) { send(.commandResult(result)) }
      default: break
      }
    }
  }

  func connectionProgressed(_ connection: Connection) {}
  func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {}
}
