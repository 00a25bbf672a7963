import Redis
import Service

/// What experiments are made with: a running edge and the Redis that feeds it, and a bare loop when it is wanted.
struct Workbench: Sendable {
  let edge: TargetURL
  let process: Int32
  let redisURL: RedisURL
  let seconds: Int
  /// Where the edge serves TLS: whom to trust, and what the bare loop shows.
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

  /// Runs clients against a stream of the edge while others, in a process of their own, have one too.
  ///
  /// - Parameters:
  ///   - othersStream: the stream that the others have.
  ///   - storming: whether the others leave and return at once, about when half of the time is over.
  func edge(
    _ stream: String, clients: Int, rate: Int, besides others: Int, of othersStream: String, storming: Bool
  ) throws -> LoadReport {
    // Those who are measured take about two seconds before the measuring begins: the others stay so much longer at
    // either end.
    let crowd = try CrowdProcess(
      of: TargetURL(parsing: "\(edge.origin)/subscribe/\(othersStream)"), clients: others, storm: storming,
      seconds: seconds + 4, authority: authority)
    return try withExtendedLifetime(crowd) { try edge(stream, clients: clients, rate: rate) }
  }

  /// Runs as many clients against a bare loop that sends as many events of the same size.
  ///
  /// Redis is fed as before, so that Redis, hub and edge keep the machine as busy as they did.
  func floor(like run: LoadReport) throws -> LoadReport {
    let size = max(FloorEvent.countMinimum, Int(run.bytesPerEvent.rounded()))
    let server = try FloorProcess(
      rate: max(0.1, run.eventsPerClientSecond), bytes: size, credentials: credentials)
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
