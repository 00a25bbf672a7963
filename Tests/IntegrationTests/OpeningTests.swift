import Foundation
import Primitives
import Reactor
import TestSupport
import Testing

extension IntegrationTests {
  @Suite("Resume, snapshot, backfill", .patient)
  struct OpeningTests {
    private static let unknown = "{\"reason\":\"unknown_position\"}"

    /// The sums of several connections of one client.
    private func sums(of connections: [SSEClient]) -> [ScoreID: UInt64] {
      connections.reduce(into: [:]) { $0.merge($1.sums, uniquingKeysWith: +) }
    }

    /// Waits until a client's sums, with its snapshot, are the totals in Redis.
    private func expectTotals(_ connections: [SSEClient], _ deployment: Deployment) throws {
      let totals = try deployment.redis.client().totals()
      try? wait(for: "the totals") { sums(of: connections).values.reduce(0, +) >= totals.values.reduce(0, +) }
      #expect(sums(of: connections) == totals)
    }

    /// Closes a client.
    ///
    /// - Returns: the last id that it received.
    private func leave(_ client: SSEClient) throws -> String {
      client.close()
      try wait(for: "the end of its reading") { client.socket == nil }
      return client.lastEventID
    }

    private func goOn(_ client: SSEClient, at edge: EdgeNode) throws -> SSEClient {
      let id = try leave(client)
      return try SSEClient(client.path, at: edge.address, fields: "Last-Event-ID: \(id)\r\n")
    }

    @Test("A snapshot and the events behind it give the totals, whenever a client connects")
    func snapshot() throws {
      try Deployment.run { deployment in
        let feed = try TweetFeed(deployment.redis.address, rate: 1_000)
        var clients: [SSEClient] = []
        for round in 0..<20 {
          try feed.waitForMore(37)
          let query = round % 3 == 0 ? "snapshot=1&hz=7" : "snapshot=1"
          clients.append(try deployment.edges[round % 2].client("/subscribe/eps?\(query)"))
        }
        try feed.waitForMore(100)
        try feed.stop()
        for client in clients {
          #expect(client.events.first?.name == "snapshot")
          #expect(client.events.count { $0.name == "snapshot" } == 1)
          try expectTotals([client], deployment)
        }
      }
    }

    @Test("A client that loses an edge to kill -9 resumes at the other one, and has every increment once")
    func edgeKilled() throws {
      try Deployment.run { deployment in
        let feed = try TweetFeed(deployment.redis.address, rate: 1_000)
        let paths = ["/subscribe/eps?resume=1&snapshot=1", "/subscribe/eps?resume=1&snapshot=1&hz=5"]
        var clients = try paths.map { [try deployment.edges[0].client($0)] }
        for round in 0..<4 {
          try feed.waitForMore(300)
          let (here, there) = (deployment.edges[round % 2], deployment.edges[(round + 1) % 2])
          here.kill()
          for index in clients.indices {
            try wait(for: "the end of the stream") { clients[index][round].isEnded }
            clients[index].append(try goOn(clients[index][round], at: there))
          }
          try here.start()
          try here.waitUntilReady()
        }
        try feed.waitForMore(300)
        try feed.stop()
        for connections in clients {
          try expectTotals(connections, deployment)
          for connection in connections.dropFirst() {
            #expect(connection.events.allSatisfy { $0.name == "message" }, "it was told what it missed")
          }
        }
      }
    }

    @Test("A client that resumes after the hub was killed too still has every increment once")
    func hubKilled() throws {
      try Deployment.run { deployment in
        let feed = try TweetFeed(deployment.redis.address, rate: 500)
        var connections = [try deployment.edges[0].client("/subscribe/eps?resume=1&snapshot=1")]
        for round in 0..<3 {
          try feed.waitForMore(200)
          try killHubBetweenFlushes(deployment, feed)
          let edge = deployment.edges[(round + 1) % 2]
          connections.append(try goOn(connections[round], at: edge))
          try feed.waitForMore(100)
          try deployment.hub.start()
          try edge.waitUntilReady()
        }
        try feed.waitForMore(200)
        try feed.stop()
        let resets = connections.flatMap(\.events).count { $0.name == "reset" }
        #expect(resets == 0)
        try expectTotals(connections, deployment)
      }
    }

    /// Kills the hub after it has sent both edges the same. If only one edge had received a place, no hub could tell
    /// the other edge about it, and a client with that place would rightly be reset. So the feed pauses until both
    /// edges have everything. Stopped at a random moment on a busy machine, a hub is most often between its messages
    /// to the two edges, because the first message wakes an edge that takes the hub's core.
    private func killHubBetweenFlushes(_ deployment: Deployment, _ feed: TweetFeed) throws {
      try feed.pause()
      let position = try Double(deployment.redis.client().totals().values.reduce(0, +))
      for edge in deployment.edges {
        try wait(for: "all at \(edge.name)") { try edge.metrics()["emojitrack_edge_position"] == position }
      }
      deployment.hub.kill()
      feed.goOn()
    }

    @Test("Raw resumes at another edge with the very next id, by header or by query")
    func raw() throws {
      try Deployment.run { deployment in
        var connections = [try deployment.edges[0].client("/subscribe/raw?resume=1")]
        let begin = connections[0].lastEventID
        #expect(!begin.isEmpty)
        let feed = try TweetFeed(deployment.redis.address, rate: 1_000)
        for round in 0..<6 {
          try feed.waitForMore(200)
          let edge = deployment.edges[(round + 1) % 2]
          let last = connections[round]
          if round % 2 == 0 {
            connections.append(try goOn(last, at: edge))
          } else {
            let id = try leave(last)
            connections.append(try edge.client("/subscribe/raw?resume=1&last_event_id=\(id)"))
          }
        }
        try feed.waitForMore(200)
        try feed.stop()
        let sent = feed.sent
        try? wait(for: "all ids") { connections.reduce(0) { $0 + $1.eventCount } >= sent.count }
        let events = connections.flatMap(\.events)
        #expect(events.map(\.text) == sent)
        let first = try #require(UInt64(begin.split(separator: ":")[1]))
        #expect(
          events.map { $0.id.split(separator: ":")[1] } == sent.indices.map { "\(first + 1 + UInt64($0))" })
      }
    }

    @Test("An unknown place is answered with a reset, then with the snapshot if it was requested")
    func unknownPlaces() throws {
      try Deployment.run { deployment in
        let edge = deployment.edges[0]
        let lineage = try #require(try deployment.hub.page().scores.lineage)
        // A place before the hub's beginning, one of another history, one in the future, and malformed ones.
        for id in ["\(lineage):3", "other:1007", "\(lineage):999999", "nonsense", "%20%0a"] {
          let client = try edge.client("/subscribe/eps?resume=1&snapshot=1&last_event_id=\(id)")
          try wait(for: "the snapshot") { client.eventCount == 2 }
          #expect(client.events.map(\.name) == ["reset", "snapshot"])
          #expect(client.events[0].text == Self.unknown)
          #expect(client.lastEventID.hasPrefix("\(lineage):1007:"))
          try expectTotals([client], deployment)
          let plain = try edge.client("/subscribe/eps?resume=1&last_event_id=\(id)")
          #expect(plain.events.map(\.name) == ["reset"])
          #expect(plain.lastEventID.hasPrefix("\(lineage):1007:"))
        }
        let raw = try edge.client("/subscribe/raw?resume=1&last_event_id=nonsense")
        #expect(raw.events.map(\.text) == [Self.unknown])
        let header = try SSEClient(
          "/subscribe/eps?resume=1", at: edge.address, fields: "Last-Event-ID: \u{1F4C2}\r\n")
        #expect(header.events.map(\.name) == ["reset"])
        try deployment.redis.client().tweet(["1F4C2"])
        try wait(for: "the next event") { header.sums == ["1F4C2": 1] && raw.eventCount == 2 }
        #expect(raw.events[1].id.hasPrefix("\(lineage):1008:"))
      }
    }

    @Test("Details begin with the latest tweets, oldest first, and continue with the very next one")
    func backfill() throws {
      try Deployment.run { deployment in
        let redis = try deployment.redis.client()
        for number in 0..<15 { try redis.tweet(["2665"], payload: "{\"n\":\(number)}") }
        let short = try deployment.edges[0].client("/subscribe/details/2665?backfill=3")
        #expect(short.events.map(\.text) == (12..<15).map { "{\"n\":\($0)}" })
        let none = try deployment.edges[0].client("/subscribe/details/NONE?backfill=10")
        #expect(none.eventCount == 0)
        var clients: [SSEClient] = []
        var number = 15
        for round in 0..<30 {
          let clientsEdge = deployment.edges[round % 2]
          if round % 3 == 0 {
            clients.append(
              try SSEClient(
                "/subscribe/details/2665?backfill=10", at: clientsEdge.address, waits: false))
          }
          for _ in 0..<7 {
            try redis.tweet(["2665"], payload: "{\"n\":\(number)}")
            number += 1
          }
        }
        for client in clients + [short] {
          try wait(for: "the last tweet") { client.events.last?.text == "{\"n\":\(number - 1)}" }
          let numbers = client.events.map(\.text)
          #expect(numbers == ((number - numbers.count)..<number).map { "{\"n\":\($0)}" })
          #expect(client.events.allSatisfy { $0.name == "stream.tweet_updates.2665" })
        }
        #expect(clients.allSatisfy { $0.eventCount >= 10 })
      }
    }

    @Test("When totals have fallen, connected clients are told so, with the true totals")
    func corrected() throws {
      try Deployment.run { deployment in
        let redis = try deployment.redis.client()
        let scores = try deployment.edges[0].client("/subscribe/eps?resume=1&snapshot=1")
        let raw = try deployment.edges[1].client("/subscribe/raw?resume=1")
        let plain = try deployment.edges[1].client("/subscribe/eps")
        try redis.tweet(["1F4C2"])
        try wait(for: "the first increment") { scores.eventCount == 2 && raw.eventCount == 1 }
        let old = scores.lastEventID
        try redis.command("ZADD", "emojitrack_score", "5", "1F4C2")
        try redis.command("CLIENT", "KILL", "TYPE", "pubsub")
        try wait(for: "the reset") { scores.eventCount == 4 && raw.eventCount == 2 }
        let reason = "{\"reason\":\"corrected\"}"
        #expect(scores.events.suffix(2).map(\.name) == ["reset", "snapshot"])
        #expect(scores.events[2].text == reason && raw.events[1].text == reason)
        #expect(readScores(scores.events[3].data) == ["1F4C2": 5, "2665": 7])
        #expect(scores.lastEventID.contains(":12:") && scores.lastEventID == raw.lastEventID)
        // A client that was away meanwhile learns it when it returns.
        let late = try deployment.edges[1].client("/subscribe/eps?resume=1&last_event_id=\(old)")
        #expect(late.events.map(\.text) == [Self.unknown])
        try redis.tweet(["2665"])
        for client in [scores, late, plain] {
          try wait(for: "the next increment") { client.events.last?.text == "{\"2665\":1}" }
        }
        try wait(for: "the next id") { raw.events.last?.text == "2665" }
        #expect(raw.events.last?.id == scores.lastEventID)
      }
    }

    @Test(
      "At an edge without a hub a client gets the head, waits, and resumes its place when a hub connects"
    )
    func noHubYet() throws {
      try Deployment.run { deployment in
        let redis = try deployment.redis.client()
        let edge = deployment.edges[0]
        let paths = [
          "/subscribe/eps?resume=1&snapshot=1", "/subscribe/eps?resume=1&hz=10", "/subscribe/raw?resume=1",
        ]
        let before = try paths.map { try edge.client($0) }
        try redis.tweet(["1F4C2"])
        for client in before {
          try wait(for: "the increment") { client.events.last?.id.contains(":1008:") == true }
        }
        let places = try before.map(leave)

        deployment.hub.kill()
        edge.kill()
        try edge.start()
        try wait(for: "the edge") {
          (try? HTTPClient.request("GET", "/healthz", by: edge.plain).status) == 200
        }
        let clients = try zip(paths, places).map { path, place in
          try SSEClient(path, at: edge.address, fields: "Last-Event-ID: \(place)\r\n", waits: false)
        }
        let gone = try SSEClient(paths[0], at: edge.address, waits: false)
        for client in clients {
          try client.waitForBeginning()
          try wait(for: "the comment") { String(decoding: client.body, as: UTF8.self).contains("\n:stale ") }
          #expect(client.eventCount == 0)
        }
        _ = try leave(gone)

        try deployment.hub.start()
        try edge.waitUntilReady()
        try redis.tweet(["2665"])
        for (client, place) in zip(clients, places) {
          try wait(for: "the next increment") { client.events.last?.id.contains(":1009:") == true }
          #expect(client.events.map(\.name) == ["message"], "it is told neither of a reset nor of totals")
          #expect(client.lastEventID.split(separator: ":").first == place.split(separator: ":").first)
        }
        #expect(clients[0].sums == ["2665": 1])
      }
    }

    @Test("While no new data can arrive, clients are told since when")
    func stale() throws {
      try Deployment.run { deployment in
        let clients = try ["/subscribe/eps", "/subscribe/raw", "/subscribe/details/2665"].map {
          try deployment.edges[0].client($0)
        }
        deployment.hub.kill()
        for client in clients {
          try wait(for: "the comment") {
            String(decoding: client.body, as: UTF8.self).contains("\n:stale 5s\n")
          }
          #expect(client.eventCount == 0)
        }
      }
    }

    @Test("The data is stale since the edge's last message, not since it noticed the silence")
    func staleSince() throws {
      try Deployment.run { deployment in
        let client = try deployment.edges[0].client("/subscribe/eps")
        try deployment.redis.client().tweet(["2665"])
        try wait(for: "the score") { client.sum == 1 }
        deployment.hub.process?.signal(SIGSTOP)
        let stoppedAt = MonotonicClock.now()
        let said: Int64 = try wait(for: "the comment", within: .seconds(20)) {
          let text = String(decoding: client.body, as: UTF8.self)
          return text.firstRange(of: "\n:stale ").flatMap {
            Int64(text[$0.upperBound...].prefix { $0 != "s" })
          }
        }
        let elapsed = stoppedAt.duration(to: MonotonicClock.now())
        deployment.hub.process?.signal(SIGCONT)
        // The comment has whole seconds.
        #expect(.seconds(said) > elapsed - .milliseconds(1_500), "\(said) s were said, \(elapsed) are right")
      }
    }

    @Test(
      "A malformed query is refused with the reason, and the status page shows what was requested"
    )
    func queries() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        for query in ["eps?resume=2", "eps?snapshot=yes", "raw?resume=", "details/2665?backfill=11"] {
          let answer = try HTTPClient.request("GET", "/subscribe/" + query, at: edge.address)
          #expect(answer.status == 400)
          #expect(answer.text.contains("must be"))
        }
        let paths = [
          "/subscribe/eps?hz=10&resume=1&snapshot=1", "/subscribe/raw?resume=1",
          "/subscribe/details/2665?backfill=4",
        ]
        let clients = try paths.map { try edge.client($0) }
        for path in paths { #expect(try edge.clientAddresses(of: path).count == 1) }
        let head = try HTTPClient.request("HEAD", "/subscribe/eps?resume=1", at: edge.address)
        #expect(head.status == 200)
        #expect(clients.allSatisfy { !$0.isEnded })
      }
    }

    @Test("Clients that resume at the same time are all answered, and each has exactly what it missed")
    func storm() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        let feed = try TweetFeed(deployment.redis.address, rate: 1_000)
        let first = try edge.client("/subscribe/eps?resume=1&snapshot=1")
        try feed.waitForMore(500)
        let id = try leave(first)
        let before = first.sums
        try feed.waitForMore(100)
        let path = "/subscribe/eps?resume=1&last_event_id=\(id)"
        let clients = try (0..<300).map { _ in try SSEClient(path, at: edge.address, waits: false) }
        for client in clients.prefix(50) { client.close() }
        try feed.waitForMore(200)
        try feed.stop()
        let grown = growth(from: before, to: try deployment.redis.client().totals())
        let staying = clients.dropFirst(50)
        try? wait(for: "all sums") { staying.allSatisfy { $0.sum >= grown.values.reduce(0, +) } }
        #expect(staying.allSatisfy { $0.sums == grown })
        try wait(for: "the clients that left to be gone") {
          try edge.metrics()["emojitrack_edge_clients{stream=\"eps\"}"] == 250
        }
      }
    }
  }
}
