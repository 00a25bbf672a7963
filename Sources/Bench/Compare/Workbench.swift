import Redis
import Service

/// The equipment of experiments: a running edge and the Redis that feeds it, and a bare loop on demand.
struct Workbench: Sendable {
  let edge: TargetURL
  let process: Int32
  let redisURL: RedisURL
  let seconds: Int
  /// If the edge serves TLS: the authority to trust, and the certificate of the bare loop.
  let authority: String?
  let credentials: (certificate: String, key: String)?

  /// Runs clients against a stream of the edge.
  func edge(
    _ stream: String, clients: Int, rate: Int = 0, _ change: (inout LoadOptions) -> Void = { _ in }
  ) throws -> LoadReport {
    var options = try self.options(
      for: TargetURL(parsing: "\(edge.origin)/subscribe/\(stream)"), clients: clients, rate: rate)
    options.processes = [process]
    change(&options)
    return try LoadCommand.run(options)
  }

  /// Runs clients against a stream of the edge while other clients, in a process of their own, have one too.
  ///
  /// - Parameters:
  ///   - othersStream: the stream of the other clients.
  ///   - storming: whether the other clients leave and return at once, about halfway.
  func edge(
    _ stream: String, clients: Int, rate: Int, besides others: Int, of othersStream: String, storming: Bool
  ) throws -> LoadReport {
    // The measured clients take about two seconds before the measurement begins: the others stay that much longer at
    // either end.
    let crowd = try CrowdProcess(
      of: TargetURL(parsing: "\(edge.origin)/subscribe/\(othersStream)"), clients: others, storm: storming,
      seconds: seconds + 4, authority: authority)
    return try withExtendedLifetime(crowd) { try edge(stream, clients: clients, rate: rate) }
  }

  /// Runs as many clients against a bare loop that sends as many events of the same size.
  ///
  /// Redis is fed as before, so that Redis, hub and edge load the machine as before.
  ///
  /// - Parameter method: how the loop sends; nil for that of the edge's protocol.
  func floor(like run: LoadReport, by method: FloorMethod? = nil) throws -> LoadReport {
    let method = method ?? (credentials == nil ? .send : .openssl)
    let size = max(FloorEvent.countMinimum, Int(run.bytesPerEvent.rounded()))
    let server = try FloorProcess(
      rate: max(0.1, run.eventsPerStreamSecond), bytes: size,
      usesRing: method == .ring, credentials: method == .openssl ? credentials : nil)
    var options = try self.options(for: server.target, clients: run.counts.clients, rate: 300)
    options.processes = [server.id]
    options.isFed = false
    return try LoadCommand.run(options)
  }

  private func options(for target: TargetURL, clients: Int, rate: Int) throws -> LoadOptions {
    var options = LoadOptions(target: target)
    options.counts.clients = clients
    options.seconds = seconds
    options.connectRate = 5_000
    options.authority = authority
    options.redisURL = redisURL
    options.rate = rate
    return options
  }
}
