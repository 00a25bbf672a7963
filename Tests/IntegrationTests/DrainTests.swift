import Foundation
import Primitives
import Reactor
import Testing

extension IntegrationTests {
  @Suite("A drain", .patient)
  struct DrainTests {
    private static let window = Duration.seconds(6)

    private static func options(_ edgeCount: Int) -> Deployment.Options {
      var options = Deployment.Options()
      options.edgeCount = edgeCount
      options.edgeFlags = ["--drain-window", "6s", "--workers", "2"]
      return options
    }

    /// Clients that resume; `counts[n]` of them begin at the nth edge.
    private func clients(_ counts: [Int], of deployment: Deployment) throws -> [ReturningClient] {
      let addresses = try deployment.edges.map { try $0.address }
      let clients = try counts.enumerated().flatMap { first, count in
        try (0..<count).map { number in
          let path = "/subscribe/eps?resume=1" + (number % 3 == 0 ? "" : "&hz=10")
          return try ReturningClient(path, at: addresses, first: first)
        }
      }
      try wait(for: "all streams", within: .seconds(30)) { clients.allSatisfy(\.hasBegun) }
      return clients
    }

    /// Lets clients come and go until all clients of some kind are back, or the time is over.
    private func watch(
      _ clients: [ReturningClient], until areBack: () -> Bool, within limit: Duration
    ) throws {
      try wait(for: "the clients", within: limit) {
        for client in clients { client.poll() }
        return areBack()
      }
    }

    /// Waits until all clients' sums are those in Redis, and checks that they are so to the last one.
    private func expectExactSums(
      of clients: [ReturningClient], since start: [ScoreID: UInt64], _ deployment: Deployment
    ) throws {
      let grown = growth(from: start, to: try deployment.redis.client().totals())
      let sum = grown.values.reduce(0, +)
      try? watch(
        clients, until: { clients.allSatisfy { $0.sums.values.reduce(0, +) >= sum } }, within: .seconds(15))
      for client in clients {
        #expect(client.sums == grown)
        #expect(client.eventNames == ["message"])
      }
    }

    /// Checks that no second saw more than twice the mean rate of returning clients over the window.
    private func expectEven(_ clients: [ReturningClient], since start: Instant) {
      let moments = clients.flatMap(\.dueReturns).map { Int(start.duration(to: $0).wholeMilliseconds) }
      let perSecond = Dictionary(grouping: moments) { $0 / 1_000 }.mapValues(\.count)
      let mean = Double(moments.count) / Double(Self.window.components.seconds)
      #expect(Double(perSecond.values.max() ?? 0) <= 2 * mean, "\(perSecond)")
      print(
        "a drain of \(moments.count): \(perSecond.sorted { $0.key < $1.key }.map(\.value)) a second, the last after \(moments.max() ?? 0) ms"
      )
    }

    @Test(
      "SIGTERM to one of three edges: its clients are elsewhere within the window, evenly, and miss nothing",
      .alone)
    func terminated() throws {
      try Deployment.run(Self.options(3)) { deployment in
        let edge = deployment.edges[0]
        let before = try deployment.redis.client().totals()
        // Enough clients that the random return times do not decide.
        let clients = try clients([360, 10, 10], of: deployment)
        let feed = try TweetFeed(deployment.redis.address)
        try feed.waitForMore(300)

        let start = MonotonicClock.now()
        edge.process?.signal(SIGTERM)
        let ours = Array(clients[..<360])
        try watch(clients, until: { ours.allSatisfy { $0.returnCount == 1 } }, within: .seconds(20))
        let last = ours.flatMap(\.dueReturns).map { start.duration(to: $0) }.max() ?? .zero
        #expect(last < Self.window + .milliseconds(500))
        expectEven(ours, since: start)
        #expect(try edge.process?.waitForEnd(within: .seconds(5)) == .exited(0))
        #expect(clients[360...].allSatisfy { $0.streams.count == 1 })

        try feed.waitForMore(300)
        try feed.stop()
        try expectExactSums(of: clients, since: before, deployment)
        try wait(for: "the hub to know") { try deployment.hub.page().edge(edge.name)?.state != "live" }
      }
    }

    @Test("An edge that was told to stop is not ready from the first moment on, and refuses new connections")
    func notReady() throws {
      try Deployment.run(Self.options(1)) { deployment in
        let edge = deployment.edges[0]
        let idle = try BlockingSocket(edge.address)
        try idle.send(Array("GET /readyz HTTP/1.1\r\nHost: edge\r\n\r\n".utf8))
        #expect(String(decoding: try idle.receive(), as: UTF8.self).hasPrefix("HTTP/1.1 200 "))
        let clients = try (0..<40).map { _ in try edge.client("/subscribe/raw") }
        edge.process?.signal(SIGINT)
        try wait(for: "refused connections") { (try? BlockingSocket(edge.address)) == nil }
        // Connected clients get a time to reconnect, and so does a client that asks for a stream.
        try idle.send(Array("GET /readyz HTTP/1.1\r\nHost: edge\r\n\r\n".utf8))
        #expect(String(decoding: try idle.receive(), as: UTF8.self).contains("503 Service Unavailable"))
        try idle.send(
          Array("GET /subscribe/raw HTTP/1.1\r\nHost: edge\r\nAccept: text/event-stream\r\n\r\n".utf8))
        let answer = String(decoding: try idle.receiveAll(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.contains("\r\n\r\nretry:"))
        #expect(clients.contains { !$0.isEnded })
        #expect(try edge.process?.waitForEnd(within: .seconds(12)) == .exited(0))
        for client in clients {
          try wait(for: "the end of the stream") { client.isEnded }
          #expect(client.isAtBorder && client.isComplete)
          // One at its beginning, and one for its return: each client has its own.
          #expect(client.retries.count == 2)
        }
        #expect(Set(clients.compactMap(\.retries.last)).count > 20)
      }
    }

    @Test("TLS clients are released in order: the reconnection time, and the end of the session")
    func withinTLS() throws {
      var options = Self.options(1)
      options.secure = try TestRun.shared().ours
      options.edgeFlags = ["--drain-window", "1s"]
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        let socket = try BlockingSocket(edge.secure())
        try socket.send(Array("GET /subscribe/raw HTTP/1.1\r\nHost: edge\r\n\r\n".utf8))
        let client = try SSEClient("/subscribe/eps", by: edge.secure())
        var parser = EventStreamParser()
        let first = try socket.receive()
        let end = try #require(first.firstRange(of: Array("\r\n\r\n".utf8)))
        var body = StreamBody(head: String(decoding: first[..<end.lowerBound], as: UTF8.self))
        body.append(first[end.upperBound...])
        #expect(body.bytes.starts(with: Array("retry:".utf8)))
        edge.process?.signal(SIGTERM)
        // An end without close_notify would be thrown as an error.
        var bytes: [UInt8] = []
        while case let more = try socket.receive(), !more.isEmpty { bytes += more }
        body.append(bytes)
        parser.append(body.bytes)
        #expect(parser.retries.count == 2 && parser.isAtBorder && body.isComplete && !body.isMisframed)
        try wait(for: "the end of the stream") { client.isEnded }
        #expect(client.retries.count == 2)
        socket.finish()
        client.close()
        #expect(try edge.process?.waitForEnd(within: .seconds(8)) == .exited(0))
      }
    }

    @Test("Without clients a drain ends at once; a second signal ends it at once too")
    func atOnce() throws {
      try Deployment.run(Self.options(2)) { deployment in
        let start = MonotonicClock.now()
        deployment.edges[0].process?.signal(SIGTERM)
        #expect(try deployment.edges[0].process?.waitForEnd() == .exited(0))
        #expect(start.duration(to: MonotonicClock.now()) < .seconds(2))

        let client = try deployment.edges[1].client("/subscribe/raw")
        _ = try (0..<20).map { _ in try deployment.edges[1].client("/subscribe/raw") }
        deployment.edges[1].process?.signal(SIGTERM)
        try wait(for: "the drain") { deployment.edges[1].log.contains("stopping") }
        deployment.edges[1].process?.signal(SIGTERM)
        #expect(try deployment.edges[1].process?.waitForEnd(within: .seconds(2)) == .exited(0))
        try wait(for: "the end of the stream") { client.isEnded }
      }
    }

    @Test("A client that takes nothing is cut off when the window and its grace are over")
    func stalled() throws {
      var options = Self.options(1)
      options.edgeFlags = ["--drain-window", "1s"]
      // A first event too large for both kernels' buffers if the client does not read.
      options.totals = .init(uniqueKeysWithValues: (0..<30_000).map { ("1F\($0)", 1_000_000) })
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        let client = try BlockingSocket(.init(address: edge.address, receiveBufferSize: 2_048))
        try client.send(Array("GET /subscribe/eps?snapshot=1 HTTP/1.1\r\nHost: edge\r\n\r\n".utf8))
        try wait(for: "a full socket") { try edge.metrics()["emojitrack_edge_clients_lagging"] == 1 }
        let start = MonotonicClock.now()
        edge.process?.signal(SIGTERM)
        #expect(try edge.process?.waitForEnd(within: .seconds(10)) == .exited(0))
        #expect((.seconds(5)..<(.seconds(8))).contains(start.duration(to: MonotonicClock.now())))
        withExtendedLifetime(client) {}
      }
    }

    // MARK: By the hub

    private func tell(_ deployment: Deployment, _ edge: EdgeNode, _ verb: String, _ body: String = "{}")
      throws
      -> HTTPAnswer
    {
      try deployment.hub.ask("POST", "/admin/edges/\(edge.name)/\(verb)", body: body)
    }

    @Test(
      "On a hub's command an edge drains and stays, reports it, and accepts clients again on the next command"
    )
    func byCommand() throws {
      try Deployment.run(Self.options(2)) { deployment in
        let edge = deployment.edges[0]
        let clients = try clients([30, 0], of: deployment)
        #expect(try tell(deployment, edge, "drain", #"{"window":2}"#).status == 200)
        try watch(clients, until: { clients.allSatisfy { $0.returnCount == 1 } }, within: .seconds(10))
        #expect((try? BlockingSocket(edge.address)) == nil)
        try wait(for: "the report") { try deployment.hub.page().edge(edge.name)?.report?["is_draining"] == 1 }
        try wait(for: "the report") {
          try deployment.hub.page().edge(edge.name)?.report?["clients_released"] == 30
        }
        // A second drain has the same effect.
        #expect(try tell(deployment, edge, "drain", #"{"window":2}"#).status == 200)

        #expect(try tell(deployment, edge, "undrain").status == 200)
        try edge.waitUntilReady()
        let client = try edge.client("/subscribe/eps")
        #expect(!client.isEnded)
        try wait(for: "the report") { try deployment.hub.page().edge(edge.name)?.report?["is_draining"] == 0 }
      }
    }

    @Test("The answer to a drain counts its own releases, and no earlier ones")
    func released() throws {
      try Deployment.run(Self.options(1)) { deployment in
        let edge = deployment.edges[0]
        func open(_ count: Int) throws -> [SSEClient] {
          try (0..<count).map { _ in try edge.client("/subscribe/raw") }
        }
        /// Drains the edge, and asks until all clients are gone how many were released.
        func drain(_ clients: [SSEClient]) throws -> String {
          _ = try tell(deployment, edge, "drain", #"{"window":0}"#)
          try wait(for: "the ends") { clients.allSatisfy(\.isEnded) }
          return try tell(deployment, edge, "drain", #"{"window":0}"#).text
        }
        let closed = try open(3)
        #expect(try tell(deployment, edge, "close", #"{"stream":"/raw"}"#).text.contains(#""released":3"#))
        try wait(for: "the ends") { closed.allSatisfy(\.isEnded) }
        let first = try drain(open(7))
        #expect(first.contains(#""released":7,"remaining":0"#), "\(first)")
        #expect(try tell(deployment, edge, "undrain").text.contains(#""released":7"#))
        try edge.waitUntilReady()
        let second = try drain(open(5))
        #expect(second.contains(#""released":5,"remaining":0"#), "\(second)")
        #expect(try tell(deployment, edge, "undrain").status == 200)
        try edge.waitUntilReady()
        // A drain that is only announced has released no client.
        let announced = try tell(deployment, edge, "drain", #"{"announce":60}"#).text
        #expect(announced.contains(#""released":0"#), "\(announced)")
      }
    }

    @Test("A request on an open connection gets the progress of the drain")
    func metrics() throws {
      try Deployment.run(Self.options(1)) { deployment in
        let edge = deployment.edges[0]
        let clients = try (0..<20).map { _ in try edge.client("/subscribe/raw") }
        let scraper = try BlockingSocket(edge.address)
        func samples() throws -> [String: Double] {
          try scraper.send(Array("GET /metrics HTTP/1.1\r\nHost: edge\r\n\r\n".utf8))
          var bytes: [UInt8] = []
          while true {
            bytes += try scraper.receive()
            if let answer = HTTPAnswer(takenFrom: &bytes) { return HTTPClient.samples(answer.text) }
          }
        }
        let before = try samples()
        #expect(before["emojitrack_edge_draining"] == 0 && before["emojitrack_edge_clients_releasing"] == 0)
        #expect(try tell(deployment, edge, "drain", #"{"window":20}"#).status == 200)
        try wait(for: "the drain") { try samples()["emojitrack_edge_draining"] == 1 }
        let during = try samples()
        #expect((1..<20).contains(during["emojitrack_edge_clients_releasing"] ?? 0))
        #expect(try deployment.hub.metrics()["emojitrack_hub_edge_draining{node=\"edge-1\"}"] == 1)
        #expect(try tell(deployment, edge, "undrain").status == 200)
        try wait(for: "the end of it") { try samples()["emojitrack_edge_draining"] == 0 }
        #expect(try samples()["emojitrack_edge_clients_releasing"] == 0)
        withExtendedLifetime(clients) {}
      }
    }

    @Test("Each stream gives its share of the clients that are shed, and the others are not touched")
    func shed() throws {
      try Deployment.run(Self.options(1)) { deployment in
        let edge = deployment.edges[0]
        let raws = try (0..<40).map { _ in try edge.client("/subscribe/raw") }
        let sums = try (0..<20).map { _ in try edge.client("/subscribe/eps") }
        #expect(try tell(deployment, edge, "shed", #"{"clients":30,"window":1}"#).status == 200)
        try wait(for: "the clients") { (raws + sums).count(where: \.isEnded) == 30 }
        letPass(.milliseconds(500))
        #expect((raws + sums).count(where: \.isEnded) == 30)
        #expect((18...22).contains(raws.count(where: \.isEnded)))
      }
    }

    @Test("The clients of a stream are closed by it; an edge lists its clients, and changes its log level")
    func closedAndListed() throws {
      try Deployment.run(Self.options(1)) { deployment in
        let edge = deployment.edges[0]
        let raws = try (0..<7).map { _ in try edge.client("/subscribe/raw") }
        let sums = try (0..<5).map { _ in try edge.client("/subscribe/eps?resume=1") }
        let page = try deployment.hub.ask("GET", "/admin/edges/\(edge.name)/connections?offset=2&limit=4")
        #expect(page.status == 200)
        #expect(page.text.contains(#""total":12"#) && page.text.contains(#""offset":2"#))
        #expect(page.text.split(separator: "client_ip").count - 1 == 4)

        let closed = try tell(deployment, edge, "close", #"{"stream":"/eps"}"#)
        #expect(closed.status == 200 && closed.text.contains("5"), "\(closed.text)")
        try wait(for: "the clients") { sums.allSatisfy(\.isEnded) }
        #expect(raws.allSatisfy { !$0.isEnded })
        #expect(try tell(deployment, edge, "log-level", #"{"level":"debug"}"#).status == 200)
        _ = try tell(deployment, edge, "log-level", #"{"level":"info"}"#)
        #expect(edge.log.contains("command from the hub: closeClients"))
      }
    }
  }
}
