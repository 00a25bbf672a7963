import HTTP
import Primitives
import TLS
import Transport

/// OTLP over HTTP: one request for each push, on a connection of its own.
final class OpenTelemetryReceiver: MetricsReceiver, ConnectionDelegate {
  private let endpoint: Endpoint
  private let security: Security
  /// The head of a request, up to the length.
  private let head: String
  private let format: OpenTelemetryFormat
  private let network: Network
  private let outcome: PushOutcome
  private var connection: Connection?
  private var answer = OpenTelemetryAnswer()

  init(
    _ url: HTTPURL, _ fields: [HTTPField], _ origin: MetricsOrigin, on network: Network,
    outcome: @escaping PushOutcome
  ) throws {
    endpoint = .tcp(host: url.address.host, port: url.address.port)
    if url.isSecure, let name = ServerName(url.address.host) {
      security = .tlsClient(try TLSContext.client(authority: .systemStore), name)
    } else if url.isSecure {
      throw MalformedText("names a host that no certificate can contain")
    } else {
      security = .plain
    }
    head =
      "POST \(Self.target(url.path)) HTTP/1.1\r\nHost: \(url.address)\r\nConnection: close\r\n"
      + fields.map { "\($0.name): \($0.value)\r\n" }.joined() + "Content-Type: application/json\r\n"
    format = OpenTelemetryFormat(origin: origin)
    self.network = network
    self.outcome = outcome
  }

  /// The request target: the path of the URL. Without a path the URL is the base of all signals, as in the variable
  /// `OTEL_EXPORTER_OTLP_ENDPOINT`.
  static func target(_ path: String) -> String {
    let isBase = path.prefix { $0 != "?" } == "/"
    return isBase ? "/v1/metrics\(path.dropFirst())" : path
  }

  func push(_ families: [MetricFamily], unixMicroseconds: UInt64) {
    if let connection {
      connection.close()
      outcome(answer.isGood ? answer.failure : "no answer before the next push")
    }
    let body = format.body(families, unixMicroseconds: unixMicroseconds)
    answer = OpenTelemetryAnswer()
    let connection = Connection(
      to: endpoint, on: network, security: security, delegate: self)
    connection.send(Array("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body)
    self.connection = connection
  }

  func connectionOpened(_ connection: Connection) {}
  func connectionProgressed(_ connection: Connection) {}

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    guard connection === self.connection else { return }
    answer.received(bytes)
    guard answer.isComplete else { return }
    self.connection = nil
    connection.close()
    outcome(answer.failure)
  }

  func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {
    guard connection === self.connection else { return }
    self.connection = nil
    outcome(answer.isGood ? answer.failure : "\(reason)")
  }
}
