import HubCore
import Primitives
import TestSupport
import Testing
import Wire

@Suite struct NodeStatusTests {
  private func status(_ name: String) throws -> FeedMachine.NodeStatus {
    FeedMachine.NodeStatus(node: try #require(NodeName(name)), json: Array("{}".utf8))
  }

  private func texts(_ actions: [FeedMachine.Action]) -> [[String]] {
    actions.flatMap { action -> [[String]] in
      guard case .send(.command, let commands) = action else { return [] }
      return commands.map { $0.arguments.map { String(decoding: $0, as: UTF8.self) } }
    }
  }

  /// A machine whose feed is live but unanchored, so that no fence is in progress.
  private func live() throws -> FeedMachine {
    var random = SeededGenerator(seed: 1)
    var configuration = FeedConfiguration()
    configuration.timing.unanchoredFenceInterval = .seconds(3_600)
    configuration.timing.probeAfter = .seconds(3_600)
    var machine = FeedMachine(configuration: configuration)
    _ = machine.start(now: .origin)
    var waiting: [(FeedConnection, FeedCommand)] = []
    func noted(_ actions: [FeedMachine.Action]) {
      for case .send(let connection, let commands) in actions { waiting += commands.map { (connection, $0) } }
    }
    for name in FeedConnection.allCases { noted(machine.connectionEstablished(name, now: .origin)) }
    while !waiting.isEmpty {
      let (connection, command) = waiting.removeFirst()
      noted(machine.replyReceived(Self.reply(to: command), on: connection, now: .origin, using: &random))
    }
    return machine
  }

  /// Replies as a master that allows subscriptions, but no reading of totals.
  private static func reply(to command: FeedCommand) -> FeedReply {
    switch command.description {
    case "ROLE": .list([.text(Array("master".utf8)), .integer(0), .list([])])
    case "SUBSCRIBE", "PSUBSCRIBE": .list([])
    default: .failure("NOPERM no")
    }
  }

  @Test("Nothing is written before the feed is live")
  func early() throws {
    var machine = FeedMachine(configuration: FeedConfiguration())
    _ = machine.start(now: .origin)
    let actions = machine.nodeStatusesDue([try status("edge-1")])
    #expect(actions.isEmpty)
  }

  @Test("The edges are written in one command, and edges that are gone are deleted once")
  func life() throws {
    var machine = try live()
    let (one, two) = (try status("edge-1"), try status("edge-2"))
    let first = texts(machine.nodeStatusesDue([one, two]))
    try #require(first == [["HSET", "admin_stream_status", "edge-1", "{}", "edge-2", "{}"]])
    let second = texts(machine.nodeStatusesDue([two]))
    #expect(
      second == [
        ["HSET", "admin_stream_status", "edge-2", "{}"], ["HDEL", "admin_stream_status", "edge-1"],
      ])
    let third = texts(machine.nodeStatusesDue([]))
    #expect(third == [["HDEL", "admin_stream_status", "edge-2"]])
    let fourth = machine.nodeStatusesDue([])
    #expect(fourth.isEmpty)
  }

  @Test("Many edges are written in several commands")
  func many() throws {
    var machine = try live()
    let statuses = try (0..<600).map { try status("edge-\($0)") }
    let commands = texts(machine.nodeStatusesDue(statuses))
    #expect(commands.map(\.count) == [2 + 512, 2 + 512, 2 + 176])
  }

  @Test("A refused command is retried after 5 s, and reported once")
  func refused() throws {
    var random = SeededGenerator(seed: 2)
    var machine = try live()
    let commands = texts(machine.nodeStatusesDue([try status("edge-1")]))
    #expect(commands.count == 1)
    let actions = machine.replyReceived(
      .failure("NOPERM no"), on: .command, now: .origin, using: &random)
    guard case .notify(.refused(.nodeStatuses, let refusal))? = actions.first else {
      Issue.record("nobody was told: \(actions)")
      return
    }
    #expect(refusal.isMissingRight && refusal.request == "HSET admin_stream_status")
    let later = machine.nodeStatusesDue([try status("edge-1")])
    #expect(later.isEmpty)
    var now = Instant.origin
    func again(_ reply: FeedReply) throws -> [FeedMachine.Action] {
      now = now.advanced(by: .seconds(5))
      _ = machine.timerTriggered(now: now, using: &random)
      let commands = texts(machine.nodeStatusesDue([try status("edge-1")]))
      #expect(commands.count == 1)
      return machine.replyReceived(reply, on: .command, now: now, using: &random)
    }
    #expect(try again(.failure("NOPERM no")).isEmpty)
    #expect(try again(.integer(1)) == [.notify(.granted(.nodeStatuses))])
  }

  @Test("An edge's status has the predecessors' members, with its clients counted by stream")
  func json() throws {
    var registry = EdgeRegistry()
    let node = try #require(NodeName("edge-1"))
    let version = try #require(SoftwareVersion("1"))
    _ = registry.linkEstablished(1, by: Hello(node: node, softwareVersion: version), from: "", now: .origin)
    var report = Report()
    report[.clientsEPS] = 7
    report[.clientsDetails] = 2
    registry.reportReceived(report, of: node, by: 1, at: 0, now: .origin)
    func text() -> String {
      String(decoding: registry[node]?.nodeStatusJSON(unixSeconds: 9) ?? [], as: UTF8.self)
    }
    #expect(
      text() == #"{"node":"edge-1","status":"OK","reported_at":9,"connections":["#
        + #"{"request_path":"/subscribe/eps","namespace":"/eps","count":7},"#
        + #"{"request_path":"/subscribe/details/*","namespace":"/details/*","count":2}]}"#)
    #expect(registry[node]?.clientCount == 9)
    #expect(registry[node]?.takesClients == true)
    report[.isDraining] = 1
    registry.reportReceived(report, of: node, by: 1, at: 0, now: .origin)
    #expect(text().contains(#""status":"DRAINING""#))
    #expect(registry[node]?.takesClients == false)
    #expect(registry.linkCount == 1)
  }
}
