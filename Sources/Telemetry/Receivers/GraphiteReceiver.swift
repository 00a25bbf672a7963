import HTTP
import Primitives
import Transport

/// Graphite over one TCP connection, which the next push opens again after it has ended.
final class GraphiteReceiver: MetricsReceiver, ConnectionDelegate {
  /// Backlog in bytes above which a push is dropped.
  private static let backlogMaximum = 1 << 20

  private let endpoint: Endpoint
  private let network: Network
  private let outcome: PushOutcome
  private var figures: FigureList
  private var connection: Connection?

  init(_ endpoint: Endpoint, _ figures: FigureList, on network: Network, outcome: @escaping PushOutcome) {
    self.endpoint = endpoint
    self.figures = figures
    self.network = network
    self.outcome = outcome
  }

  func push(_ families: [MetricFamily], unixMicroseconds: UInt64) {
    let bytes = GraphiteFormat.bytes(
      figures.figures(of: families), unixSeconds: unixMicroseconds / 1_000_000)
    let connection =
      connection ?? Connection(to: endpoint, on: network, security: .plain, delegate: self)
    self.connection = connection
    guard connection.backlog + bytes.count <= Self.backlogMaximum else {
      return outcome("it accepts no data; pushes are skipped")
    }
    connection.send(bytes)
  }

  func connectionOpened(_ connection: Connection) {}
  func connection(_ connection: Connection, received bytes: Span<UInt8>) {}

  func connectionProgressed(_ connection: Connection) {
    if connection.backlog == 0 { outcome(nil) }
  }

  func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {
    self.connection = nil
    outcome("\(reason)")
  }
}
