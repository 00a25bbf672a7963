import Primitives
import Redis
import Service

// Finds the master that the sentinels name. All of them are asked, because the hub needs each one when the others are
// gone.
extension HubCheck {
  private static let subject = "redis.url"

  /// The master that most sentinels name; nil if none of them names one.
  static func master(
    of sentinels: RedisSentinels, _ report: inout PreflightReport
  ) -> (server: RedisServer, address: HostPort)? {
    let answers = sentinels.addresses.map { ($0, answer(of: $0, among: sentinels)) }
    let named = answers.compactMap { try? $1.get() }
    let votes = Dictionary(grouping: named, by: \.self).mapValues(\.count)
    let winner = named.max { votes[$0, default: 0] < votes[$1, default: 0] }
    for (sentinel, answer) in answers {
      let subject = "redis sentinel \(sentinel)"
      switch answer {
      case .success(let master) where master == winner:
        report.ok(subject, "names \(master) as the master of '\(sentinels.master)'")
      case .success(let master):
        report.warn(
          subject,
          "names \(master) as the master of '\(sentinels.master)', but other sentinels name another one",
          remedy: "wait if a failover is under way; otherwise find out why it is cut off from the others")
      case .failure(let problem): report.warn(subject, problem.description, remedy: problem.remedy)
      }
    }
    guard let winner else {
      report.fail(
        subject, "no sentinel names a master of '\(sentinels.master)'",
        remedy: "fix the sentinels above, or correct the name")
      return nil
    }
    return report.attempt(
      subject, remedy: "have the sentinels name a host that a certificate can contain",
      { (try sentinels.server(at: winner), winner) })
  }

  /// Why a sentinel cannot be used.
  private struct Problem: Error {
    let description: String
    let remedy: String
  }

  private static func answer(
    of address: HostPort, among sentinels: RedisSentinels
  ) -> Result<HostPort, Problem> {
    var commands = [["SENTINEL", "GET-MASTER-ADDR-BY-NAME", sentinels.master]]
    if let password = sentinels.password {
      commands.insert(["AUTH"] + (sentinels.user.map { [$0] } ?? []) + [password], at: 0)
    }
    let exchange: RedisExchange
    do {
      exchange = try RedisExchange.send(commands, to: sentinels.server(at: address))
    } catch {
      return .failure(Problem(description: "\(error)", remedy: "correct the URL, or the file that it names"))
    }
    let refusals = exchange.answers.compactMap { if case .error(let message) = $0 { message } else { nil } }
    if let message = refusals.first {
      return .failure(
        Problem(description: message, remedy: "correct sentinel-user and sentinel-password in the URL"))
    }
    if let failure = exchange.failure {
      return .failure(
        Problem(
          description: failure,
          remedy: "check that it runs there, can be reached from here, and has this name in DNS"))
    }
    if case .array(let parts?) = exchange.answers.last, parts.count == 2,
      case .bulk(let host?) = parts[0], case .bulk(let port?) = parts[1],
      let port = UInt16(String(decoding: port, as: UTF8.self)),
      let master = HostPort(host: String(decoding: host, as: UTF8.self), port: port)
    {
      return .success(master)
    }
    return .failure(
      Problem(
        description: "does not know '\(sentinels.master)'",
        remedy: "have it monitor that master, or correct the name"))
  }
}
