import Foundation
import Primitives
import Reactor
import Testing

/// A Prometheus that scrapes a deployment and evaluates our alert rules, with all durations divided by one factor.
/// The package `prometheus` contains it.
final class Prometheus {
  /// Whether it is installed. Without it, the alerts are not tested.
  static let isThere = Promtool.isInstalled("prometheus")
  static let isMissing = Promtool.isMissing

  private let process: ChildProcess
  private let port: UInt16

  /// Starts it, and waits until it has scraped all targets.
  ///
  /// - Parameter factor: how many times faster than usual its minutes pass.
  init(watching hubs: [Hub], _ edges: [EdgeNode] = [], factor: Int = 60) throws {
    let folder = try TestRun.shared().newFolder()
    port = try TestRun.freePort()
    let rules = try String(
      contentsOf: TestRun.package.appending(path: "Deploy/prometheus/alerts.yaml"), encoding: .utf8)
    try Self.hastened(rules, by: factor).write(
      to: folder.appending(path: "alerts.yaml"), atomically: true, encoding: .utf8)
    let configuration = try """
    global: { scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms }
    rule_files: [alerts.yaml]
    scrape_configs:
      - job_name: emojitrack-hub
        static_configs: [{ targets: [\(Self.targets(hubs.map { try $0.adminAddress }))] }]
      - job_name: emojitrack-edge
        static_configs: [{ targets: [\(Self.targets(edges.map { try $0.address }))] }]
    """
    let file = folder.appending(path: "prometheus.yaml")
    try configuration.write(to: file, atomically: true, encoding: .utf8)
    process = try ChildProcess(
      "prometheus", "prometheus",
      [
        "--config.file=\(file.path)", "--storage.tsdb.path=\(folder.appending(path: "data").path)",
        "--web.listen-address=127.0.0.1:\(port)",
      ], log: folder.appending(path: "prometheus.log").path)
    try wait(for: "prometheus", within: .seconds(30)) {
      if let end = process.poll() { throw TimedOut(description: "prometheus \(end): \(process.log)") }
      // It answers requests seconds before it scrapes. Events before the first scrape would be no increase.
      let targets = try? answer(to: "/api/v1/targets?state=active")
      return targets?.matches(of: /"health":"up"/).count == hubs.count + edges.count
    }
  }

  private static func targets(_ addresses: [SocketAddress]) -> String {
    addresses.map { "'\($0)'" }.joined(separator: ", ")
  }

  /// The rules with every `for: 5m` and every `[10m]` shortened by the factor. Days in an expression stay, because
  /// the times that they are compared with do not pass faster.
  static func hastened(_ rules: String, by factor: Int) -> String {
    func milliseconds(_ count: Substring, _ unit: Substring) -> String {
      "\((Int(count) ?? 0) * (unit == "m" ? 60_000 : 1_000) / factor)ms"
    }
    return rules.replacing(/for: ([0-9]+)([ms])\n/) { "for: \(milliseconds($0.1, $0.2))\n" }
      .replacing(/\[([0-9]+)([ms])\]/) { "[\(milliseconds($0.1, $0.2))]" }
  }

  private struct Answer: Decodable {
    struct Alert: Decodable {
      let labels: [String: String]
      let state: String
    }
    struct Alerts: Decodable {
      let alerts: [Alert]
    }
    let data: Alerts
  }

  private func answer(to path: String) throws -> String {
    // With HTTP/1.0 its answers are not chunked.
    let bytes = try HTTPClient.exchange(Array("GET \(path) HTTP/1.0\r\n\r\n".utf8), at: .loopback(port))
    return String(
      String(decoding: bytes, as: UTF8.self).split(separator: "\r\n\r\n", maxSplits: 1).last ?? "")
  }

  private func alerts() throws -> [Answer.Alert] {
    try JSONDecoder().decode(Answer.self, from: Data(answer(to: "/api/v1/alerts").utf8)).data.alerts
  }

  /// The names of the alerts that fire, without the prefix `Emojitrack`.
  func firing() throws -> Set<String> {
    Set(
      try alerts().filter { $0.state == "firing" }.map {
        ($0.labels["alertname"] ?? "").replacing("Emojitrack", with: "")
      })
  }

  /// Waits until each of these alerts has fired, and no other has. They need not fire at the same time: an alert
  /// about an event is silent again after ten minutes, and another one may take longer to fire.
  ///
  /// - Parameters:
  ///   - others: further alerts that may fire.
  ///   - work: an action that is repeated meanwhile.
  func waitUntilFired(
    _ names: Set<String>, besides others: Set<String> = [], within limit: Duration = .seconds(60),
    _ work: () throws -> Void = {}
  ) throws {
    var fired: Set<String> = []
    do {
      try wait(for: "alerts", within: limit) {
        try work()
        letPass(.milliseconds(50))
        try fired.formUnion(firing())
        return fired.isSuperset(of: names)
      }
    } catch is TimedOut {
      throw TimedOut(description: "alerts: \(fired.sorted()) fired, not \(names.sorted()), within \(limit)")
    }
    #expect(fired.subtracting(others) == names)
  }

  /// Waits until no alert fires.
  func waitUntilSilent(within limit: Duration = .seconds(60)) throws {
    try wait(for: "no alert", within: limit) {
      letPass(.milliseconds(50))
      return try firing().isEmpty
    }
  }

  func stop() { process.kill() }
}
