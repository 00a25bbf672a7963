import HTTP
import Primitives
import TLS
import Transport

/// OTLP over HTTP: one request for each push, on a connection of its own.
final class OpenTelemetryReceiver: MetricsReceiver, ConnectionDelegate {
  private let endpoint: Endpoint
  private let security: Security
  /// The head of a request up to the length.
  private let head: String
  private let format: OpenTelemetryFormat
  private let network: Network
  private let outcome: PushOutcome
  private var connection: Connection?
  /// The beginning of the answer.
  private var answer: [UInt8] = []

  init(
    _ url: HTTPURL, _ fields: [HTTPField], _ origin: MetricsOrigin, on network: Network,
    outcome: @escaping PushOutcome
  ) throws {
    endpoint = .tcp(host: url.address.host, port: url.address.port)
    if url.isSecure, let name = ServerName(url.address.host) {
      security = .tlsClient(try TLSContext.client(authority: .systemStore), name)
    } else if url.isSecure {
      throw MalformedText("names a host that no certificate can bear")
    } else {
      security = .plain
    }
    head =
      "POST \(url.path) HTTP/1.1\r\nHost: \(url.address)\r\nConnection: close\r\n"
      + fields.map { "\($0.name): \($0.value)\r\n" }.joined() + "Content-Type: application/json\r\n"
    format = OpenTelemetryFormat(origin: origin)
    self.network = network
    self.outcome = outcome
  }

  func push(_ families: [MetricFamily], unixMicroseconds: UInt64) {
    if let connection {
      connection.close()
      outcome("no answer before the next push")
    }
    let body = format.body(families, unixMicroseconds: unixMicroseconds)
    answer = []
    let connection = Connection(
      to: endpoint, on: network, security: security, delegate: self)
    connection.send(Array("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body)
    self.connection = connection
  }

  func connectionOpened(_ connection: Connection) {}
  func connectionProgressed(_ connection: Connection) {}

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    guard connection === self.connection else { return }
    // `HTTP/1.1 200` is all that matters.
    for index in bytes.indices.prefix(max(0, 12 - answer.count)) { answer.append(bytes[index]) }
    guard answer.count == 12 else { return }
    self.connection = nil
    connection.close()
    let status = String(decoding: answer.suffix(3), as: UTF8.self)
    let isGood = answer.starts(with: Array("HTTP/1.".utf8)) && status.first == "2"
    outcome(isGood ? nil : "it answered with \(status)")
  }

  func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {
    guard connection === self.connection else { return }
    self.connection = nil
    outcome("\(reason)")
  }
}
