import Foundation
import Reactor

/// The parts of the hub's status that tests use.
struct HubPage: Decodable {
  struct Redis: Decodable {
    let state: String
    let interruptions: Int
    let unanchored: String?
    let refused: [String: String]
  }
  struct Scores: Decodable {
    let lineage: String?
    let position: UInt64
    let anchored: Bool
    let repaired: UInt64
    let fences: Fences
  }
  struct Fences: Decodable {
    let total: UInt64
    let lineagesBegun: UInt64
    let repairedAtReconnect: UInt64
    let repairedWhileConnected: UInt64
    let overcounted: UInt64
    let driftsExplained: UInt64
    let feederAtomic: Bool
  }
  struct Messages: Decodable {
    let received: UInt64
    let packed: [String: UInt64]
    let rejected: [String: UInt64]
    let residual: Int64
  }
  struct Edge: Decodable {
    let node: String
    let state: String
    let end: String?
    let topics: Int?
    let report: [String: UInt64]?
  }

  let node: String
  let status: String
  let redis: Redis
  let scores: Scores
  let messages: Messages
  let edges: [Edge]

  /// The status of one edge.
  func edge(_ node: String) -> Edge? { edges.first { $0.node == node } }
}

/// The hub of a test.
final class Hub {
  let name: String
  let linkPort: UInt16
  private let adminPort: UInt16
  private let folder: URL
  private let flags: [String]
  private let environment: [String: String]
  private let host: TestHost?
  private(set) var process: ChildProcess?

  /// - Parameters:
  ///   - name: the name of its process and its log.
  ///   - certificates: the folder of the hub's certificate; nil for that of the deployment.
  ///   - environment: its environment variables.
  ///   - host: the host where it runs; nil for this machine.
  init(
    _ name: String = "hub", in folder: URL, redisURL: String, adminListen: [String] = [],
    certificates: URL? = nil, environment: [String: String] = [:], on host: TestHost? = nil,
    flags: [String] = []
  ) throws {
    self.host = host
    self.name = name
    linkPort = try TestRun.freePort()
    adminPort = try TestRun.freePort()
    self.folder = folder
    let ours = try TestRun.shared().ours
    let own = certificates ?? ours
    self.flags =
      [
        "--link-listen", "127.0.0.1:\(linkPort)", "--admin-listen",
        (["127.0.0.1:\(adminPort)"] + adminListen).joined(separator: ","),
        "--tls-certificate", own.appending(path: "hub.pem").path, "--tls-key",
        own.appending(path: "hub.key").path,
        "--tls-authority", ours.appending(path: "ca.pem").path,
      ] + flags
    // Not as a flag, because the URL may contain a password.
    self.environment = environment.merging(["REDIS_URL": redisURL]) { $1 }
  }

  /// - Parameter standardError: its standard error; nil for a file.
  func start(standardError: Int32? = nil) throws {
    let command = try (host?.launcher ?? []) + [TestRun.binary("emojitrack-hub")] + flags
    process = try ChildProcess(
      name, command[0], Array(command.dropFirst()), environment: environment,
      log: folder.appending(path: "\(name).log").path,
      descriptors: standardError.map { [STDERR_FILENO: $0] } ?? [:])
  }

  var adminAddress: SocketAddress { get throws { try .loopback(adminPort) } }
  var linkAddress: SocketAddress { get throws { try .loopback(linkPort) } }
  var log: String { process?.log ?? "" }

  var isReady: Bool {
    (try? HTTPClient.request("GET", "/readyz", at: adminAddress).status) == 200
  }

  func page() throws -> HubPage {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(
      HubPage.self, from: Data(HTTPClient.request("GET", "/admin/status.json", at: adminAddress).body))
  }

  /// Sends a request to the admin API, over loopback.
  func ask(_ method: String, _ path: String, fields: String = "", body: String? = nil) throws -> HTTPAnswer {
    try HTTPClient.request(
      method, path, by: Approach(address: adminAddress), fields: fields, body: body)
  }

  func metrics() throws -> [String: Double] {
    HTTPClient.samples(try HTTPClient.request("GET", "/metrics", at: adminAddress).text)
  }

  /// The number of flushes, which is the greatest number of events that an edge could make. A slow feed or hub on a
  /// busy machine is not the edge's fault.
  func flushes() throws -> Int { try Int(metrics()["emojitrack_hub_flushes_total"] ?? 0) }

  func waitUntilReady() throws {
    try wait(for: name) {
      if let end = process?.poll() { throw TimedOut(description: "\(name) \(end)") }
      return isReady
    }
  }

  func kill() { process?.kill() }
}
