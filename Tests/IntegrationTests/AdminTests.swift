import Foundation
import Primitives
import Reactor
import Redis
import Synchronization
import Testing
import Wire

extension IntegrationTests {
  @Suite("The admin API", .patient)
  struct AdminTests {
    private static func json(_ answer: HTTPAnswer) throws -> [String: Any] {
      try #require(JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any], "\(answer.text)")
    }

    @Test("A command reaches its edge, and its answer returns; a missing answer is answered too")
    func commands() throws {
      var options = Deployment.Options()
      options.edgeCount = 0
      try Deployment.run(options) { deployment in
        let hub = deployment.hub
        let edge = try ScriptedEdge("edge-1", of: hub, clients: 40) { command, _ in
          switch command.verb {
          case .drain: CommandResult(id: command.id, outcome: .done, text: #"{"released":40,"remaining":0}"#)
          case .shed: CommandResult(id: command.id, outcome: .refused, text: "not \"now\"")
          case .reload: CommandResult(id: command.id, outcome: .failed, text: "no disk")
          case .listConnections:
            CommandResult(
              id: command.id, outcome: .done,
              text:
                #"{"total":1,"offset":0,"connections":[{"client_ip":"192.0.2.1","user_agent":"<script>"}]}"#)
          // An answer to another command, and none to this one.
          case .undrain: CommandResult(id: command.id + 1_000, outcome: .done)
          default: CommandResult(id: command.id, outcome: .done, text: "as you say")
          }
        }
        let drained = try Self.json(hub.ask("POST", "/admin/edges/edge-1/drain", body: #"{"window":30}"#))
        #expect(drained["status"] as? String == "OK" && drained["released"] as? Int == 40)
        let shed = try hub.ask("POST", "/admin/edges/edge-1/shed", body: #"{"percent":25}"#)
        #expect(shed.status == 409)
        #expect(try Self.json(shed)["message"] as? String == #"edge-1 refused: not "now""#)
        #expect(try hub.ask("POST", "/admin/edges/edge-1/reload", body: "{}").status == 502)
        let list = try Self.json(hub.ask("GET", "/admin/edges/edge-1/connections?limit=5"))
        #expect((list["connections"] as? [[String: Any]])?.first?["user_agent"] as? String == "<script>")
        #expect(
          try Self.json(hub.ask("POST", "/admin/edges/edge-1/log-level", body: #"{"level":"debug"}"#))[
            "message"]
            as? String == "as you say")
        #expect(
          edge.commands.map(\.argument) == [
            "window=30", "clients=10 window=10", "", "offset=0 limit=5", "level=debug",
          ])

        let start = MonotonicClock.now()
        let unanswered = try hub.ask("POST", "/admin/edges/edge-1/undrain", body: "{}")
        let elapsed = start.duration(to: MonotonicClock.now())
        #expect(unanswered.status == 504)
        #expect(elapsed >= .seconds(4.9) && elapsed < .seconds(7))

        edge.stop()
        try wait(for: "the end of the link", within: .seconds(20)) {
          try hub.page().edge("edge-1")?.state == "lost"
        }
        #expect(try hub.ask("POST", "/admin/edges/edge-1/drain", body: "{}").status == 409)

        let log = hub.log
        #expect(log.contains("the admin API handled a command"))
        #expect(log.contains("local") && log.contains("/admin/edges/edge-1/shed"))
      }
    }

    @Test(
      "An edge of an older version drains too, although it does not know announcements")
    func olderEdge() throws {
      var options = Deployment.Options()
      options.edgeCount = 0
      try Deployment.run(options) { deployment in
        let hub = deployment.hub
        let edge = try ScriptedEdge("edge-1", of: hub, clients: 40) { command, _ in
          // The argument has a key that edges from before announcements do not know.
          command.argument.contains("announce")
            ? CommandResult(id: command.id, outcome: .refused, text: "announce is nothing that drain knows")
            : CommandResult(id: command.id, outcome: .done, text: #"{"released":40,"remaining":0}"#)
        }
        let drained = try hub.ask(
          "POST", "/admin/edges/edge-1/drain", body: #"{"announce":5,"window":30}"#)
        #expect(drained.status == 200)
        #expect(try Self.json(drained)["released"] as? Int == 40)
        #expect(edge.commands.map(\.argument) == ["window=30 announce=5", "window=30"])
        #expect(hub.log.contains("an edge of an older version does not know a part of the command"))
      }
    }

    @Test(
      "A killed edge is listed as lost until it is forgotten on request; a connected one is not forgotten"
    )
    func forgetting() throws {
      try Deployment.run { deployment in
        let hub = deployment.hub
        let up = #"emojitrack_hub_edge_up{node="edge-2"}"#
        try wait(for: "its report") { try hub.metrics()[up] == 1 }
        #expect(try hub.ask("DELETE", "/admin/edges/edge-2").status == 409)
        #expect(try hub.page().edge("edge-2")?.state == "live")
        deployment.edges[1].kill()
        try wait(for: "its loss") { try hub.page().edge("edge-2")?.state == "lost" }
        #expect(try hub.metrics()[up] == 0)
        let forgotten = try hub.ask("DELETE", "/admin/edges/edge-2")
        #expect(forgotten.status == 200 && forgotten.text.contains("edge-2 is forgotten"))
        #expect(try hub.page().edge("edge-2") == nil)
        #expect(try hub.metrics()[up] == nil)
        #expect(try hub.ask("DELETE", "/admin/edges/edge-2").status == 404)
        #expect(hub.log.contains("DELETE") && hub.log.contains("/admin/edges/edge-2"))
        try deployment.edges[1].start()
        try wait(for: "its return") { try hub.metrics()[up] == 1 }
      }
    }

    @Test(
      "Successive requests on one connection are answered in order, although an edge takes its time")
    func pipelining() throws {
      var options = Deployment.Options()
      options.edgeCount = 0
      try Deployment.run(options) { deployment in
        let hub = deployment.hub
        let edge = try ScriptedEdge("edge-1", of: hub)
        let deed =
          "POST /admin/edges/edge-1/drain HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        let end = "GET /admin/version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        var bytes = try HTTPClient.exchange(
          Array((deed + "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + deed + end).utf8),
          at: hub.adminAddress)
        var answers: [HTTPAnswer] = []
        while let answer = HTTPAnswer(takenFrom: &bytes) { answers.append(answer) }
        #expect(answers.map(\.status) == [200, 200, 200, 200])
        #expect(answers.map { $0.text.hasPrefix("{") } == [true, false, true, true])
        #expect(edge.commands.count == 2)
      }
    }

    @Test(
      "After an edge has joined, a rebalance evens the clients within 10 %, at no more than its rate"
    )
    func rebalance() throws {
      var options = Deployment.Options()
      options.edgeCount = 0
      try Deployment.run(options) { deployment in
        let hub = deployment.hub
        let fleet = Mutex<[ScriptedEdge]>([])
        let releases = Mutex<[(at: Instant, count: Int)]>([])
        let script: ScriptedEdge.Script = { command, edge in
          let count = command.argument.firstMatch(of: /clients=([0-9]+) window=1/).flatMap { Int($0.1) } ?? 0
          edge.change(by: -count)
          releases.withLock { $0.append((MonotonicClock.now(), count)) }
          // They reconnect to one name for all edges.
          let edges = fleet.withLock { $0 }
          for _ in 0..<count { edges.randomElement()?.change(by: 1) }
          return CommandResult(
            id: command.id, outcome: .done, text: "{\"released\":\(count),\"remaining\":0}")
        }
        let first = try ScriptedEdge("edge-1", of: hub, clients: 900, script: script)
        let second = try ScriptedEdge("edge-2", of: hub, clients: 0, script: script)
        fleet.withLock { $0 = [first, second] }
        let rate = 300
        let begun = try Self.json(hub.ask("POST", "/admin/rebalance", body: "{\"rate\":\(rate)}"))
        #expect(begun["state"] as? String == "active")
        try wait(for: "an even spread", within: .seconds(60)) {
          try Self.json(hub.ask("GET", "/admin/rebalance"))["state"] as? String == "even"
        }
        #expect(first.clients + second.clients == 900)
        #expect((405...495).contains(first.clients), "\(first.clients) and \(second.clients)")
        let seconds = releases.withLock { releases in
          Dictionary(grouping: releases) { $0.at.nanoseconds / 900_000_000 }.mapValues {
            $0.reduce(0) { $0 + $1.count }
          }
        }
        #expect(seconds.values.allSatisfy { $0 <= rate })

        first.clients = 2_000
        first.report()
        #expect(
          try Self.json(hub.ask("POST", "/admin/rebalance", body: "{\"rate\":1}"))["state"] as? String
            == "active")
        let ended = try Self.json(hub.ask("DELETE", "/admin/rebalance"))
        #expect(ended["state"] as? String == "ended" && ended["rate"] as? Int == 0)
        for edge in [first, second] { edge.stop() }
      }
    }

    @Test("The state of each edge is in Redis, in the predecessors' format, until the edge leaves")
    func nodeStatuses() throws {
      try Deployment.run { deployment in
        let redis = try deployment.redis.client()
        let client = try deployment.edges[0].client("/subscribe/eps")
        func statuses() throws -> [String: [String: Any]] {
          let reply = try redis.command("HGETALL", "admin_stream_status")
          guard case .array(let answered) = reply, let values = answered else { return [:] }
          let texts = values.compactMap { value -> String? in
            guard case .bulk(let answered) = value, let bytes = answered else { return nil }
            return String(decoding: bytes, as: UTF8.self)
          }
          var statuses: [String: [String: Any]] = [:]
          for index in stride(from: 0, to: texts.count, by: 2) {
            statuses[texts[index]] =
              try JSONSerialization.jsonObject(with: Data(texts[index + 1].utf8)) as? [String: Any]
          }
          return statuses
        }
        try wait(for: "a client in Redis", within: .seconds(20)) {
          let connections = try statuses()["edge-1"]?["connections"] as? [[String: Any]]
          return connections?.first?["namespace"] as? String == "/eps"
            && connections?.first?["count"] as? Int == 1
        }
        let present = try statuses()
        #expect(Set(present.keys) == ["edge-1", "edge-2"])
        #expect(present["edge-2"]?["node"] as? String == "edge-2")
        #expect(present["edge-2"]?["status"] as? String == "OK")
        #expect(abs((present["edge-2"]?["reported_at"] as? Double ?? 0) - Date().timeIntervalSince1970) < 10)
        deployment.edges[1].process?.signal(SIGTERM)
        try wait(for: "the end of edge-2 in Redis") { try Set(statuses().keys) == ["edge-1"] }
        deployment.hub.process?.signal(SIGTERM)
        try wait(for: "nobody in Redis") { try statuses().isEmpty }
        withExtendedLifetime(client) {}
      }
    }

    @Test("Without the right to write edges' states into Redis, one line is logged and all else works")
    func nodeStatusRefused() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.redisFlags = ["--user", "relay", "on", ">secret", "~*", "&*", "+@all", "-hset", "-hdel"]
      options.login = "relay:secret@"
      try Deployment.run(options) { deployment in
        let words = "the predecessors' tools do not see the state of the edges"
        try wait(for: "the notice") { deployment.hub.log.contains(words) }
        letPass(.seconds(6))
        #expect(deployment.hub.log.ranges(of: words).count == 1)
        #expect(try deployment.hub.page().scores.anchored)
      }
    }
  }
}
