import Primitives
import Reactor
import Testing

/// Puts a proxy in front of edges, and measures what it does to their streams.
struct RoadTrial {
  /// The clients' address, which differs from the proxy's.
  static let source = "127.0.0.2"
  /// The address that clients claim.
  static let claimed = "203.0.113.9"
  static let heldFor = Duration.seconds(18)
  static let crowd = 1_500
  private static let keepalive = Duration.seconds(3)
  private static let fields =
    "Accept: text/event-stream\r\nX-Forwarded-For: \(claimed)\r\nForwarded: for=\(claimed)\r\n"

  let kind: ProxyKind
  /// Whether the proxy uses the project's example, or its shortest configuration.
  let isByExample: Bool
  let eventCount: Int
  /// The percentage of events that must be in time.
  let percentile: Int
  /// Whether to hold a stream for a while, to see whether it is cut, and to open very many streams.
  let holds: Bool

  /// How long a client that left may stay. A proxy that does not notice by itself sends a first comment without an
  /// error; the second one fails.
  static func leavingLimit(of kind: ProxyKind) -> Duration {
    kind.noticesLeaving ? .seconds(1) : keepalive * 2 + .seconds(1)
  }

  func run() throws -> RoadFigures {
    var options = Deployment.Options()
    options.edgeCount = isByExample ? kind.edgeCount : 1
    options.edgeFlags = [
      "--proxy-trusted", "127.0.0.1", "--keepalive", "\(Self.keepalive.wholeMilliseconds)ms",
    ]
    var figures = RoadFigures()
    try Deployment.run(options) { deployment in
      let text = try isByExample ? kind.exampleText() : kind.shortest
      let proxy = try Proxy(kind, text, in: deployment.edges, folder: deployment.folder)
      var road = Road(deployment: deployment, approach: Approach(address: proxy.address, source: Self.source))
      try wait(for: "an edge behind \(kind.name)") { road.isReady }
      try measure(&figures, on: &road)
      withExtendedLifetime(proxy) {}
    }
    return figures
  }

  private func measure(_ figures: inout RoadFigures, on road: inout Road) throws {
    let start = MonotonicClock.now()
    figures.firstEvent = try firstEvent(on: road)
    figures.leftAfter = try leaving(on: road)
    // Without any event, nothing else can be measured.
    guard figures.firstEvent != nil else { return }
    if holds { figures.crowd = try crowd(on: road) }
    let held = try road.client("/subscribe/raw", fields: Self.fields)
    let heldSince = MonotonicClock.now()
    let serving = try #require(road.edgeServing("/subscribe/raw"), "no edge has the client")
    figures.addressSeen = try serving.clientAddresses(of: "/subscribe/raw").first ?? "-"
    let overHTTP2 = try serving.metrics()["emojitrack_edge_connections{stream=\"raw\",protocol=\"h2\"}"]
    #expect(overHTTP2 == (kind.http2 == nil ? 0 : 1), "\(kind.name)")
    try compare(held, with: serving, on: road, into: &figures)
    if holds {
      try? wait(for: "a cut", within: Self.heldFor - heldSince.duration(to: MonotonicClock.now())) {
        held.isOver
      }
      figures.isHeld = !held.isOver
    }

    let ending = held.isOver ? try road.client("/subscribe/raw") : held
    let drain = try road.deployment.hub.ask(
      "POST", "/admin/edges/\(serving.name)/drain", body: #"{"announce":0,"window":0}"#)
    #expect(drain.status == 200)
    try? wait(for: "an end", within: .seconds(5)) { ending.isOver }
    figures.tellsEnd = ending.isComplete
    if road.deployment.edges.count == 1 {
      _ = try road.deployment.hub.ask("POST", "/admin/edges/\(serving.name)/undrain", body: "{}")
      try serving.waitUntilReady()
      try wait(for: "the edge behind \(kind.name)") { road.isReady }
    }

    let asking = MonotonicClock.now()
    let cut = try servedClient(on: road)
    if road.deployment.edges.count > 1 {
      figures.otherEdgeAfter = asking.duration(to: MonotonicClock.now())
    }
    for edge in road.deployment.edges { edge.kill() }
    try? wait(for: "a cut", within: .seconds(5)) { cut.isOver }
    figures.tellsCut = cut.isEnded && !cut.isComplete
    // Until they have checked /readyz, some proxies close the connection, after which a browser asks again.
    try? wait(
      for: "a time to come back", within: .seconds(3),
      until: {
        figures.withoutEdge = try road.answerWithoutEdge()
        return figures.withoutEdge == "200, retry"
      })
    print("road: \(kind.name): \(start.duration(to: MonotonicClock.now()).wholeMilliseconds) ms")
  }

  /// The time from the request to the snapshot; nil if there is none within 3 s.
  private func firstEvent(on road: Road) throws -> Duration? {
    var delays: [Duration] = []
    for _ in 0..<20 {
      let start = MonotonicClock.now()
      let client = try road.client("/subscribe/eps?snapshot=1", waits: false)
      defer { client.close() }
      try? wait(for: "the first event", within: .seconds(3)) { !client.eventTimes.isEmpty }
      guard let first = client.eventTimes.first else { return nil }
      delays.append(start.duration(to: first))
    }
    return delays.sorted()[delays.count - 2]
  }

  /// How many of very many streams are served.
  private func crowd(on road: Road) throws -> Int {
    let path = "/subscribe/raw"
    let clients = try (0..<Self.crowd).map { _ in try road.client(path, waits: false) }
    try? wait(for: "the crowd", within: .seconds(8)) { try road.streamCount >= clients.count }
    let count = try road.streamCount
    for client in clients { client.close() }
    try wait(for: "the end of the crowd", within: .seconds(40)) { try road.streamCount == 0 }
    return count
  }

  /// How long the edge keeps a client that left a silent stream.
  private func leaving(on road: Road) throws -> Duration? {
    let path = "/subscribe/details/2665"
    let client = try road.client(path, waits: false)
    try wait(for: "a quiet client") { road.edgeServing(path) != nil }
    letPass(.milliseconds(300))
    client.close()
    let start = MonotonicClock.now()
    let limit = max(Self.leavingLimit(of: kind), Self.keepalive * 2 + .seconds(1)) + .seconds(1)
    try? wait(for: "its end", within: limit) { road.edgeServing(path) == nil }
    return road.edgeServing(path) == nil ? start.duration(to: MonotonicClock.now()) : nil
  }

  /// How much later events arrive than at a direct client of the same edge.
  private func compare(
    _ client: SSEClient, with edge: EdgeNode, on road: Road, into figures: inout RoadFigures
  ) throws {
    let direct = try SSEClient("/subscribe/raw", by: edge.plain, timesEvents: true)
    defer { direct.close() }
    let redis = try road.deployment.redis.client()
    for _ in 0..<eventCount {
      try redis.tweet(["1F4C2"])
      letPass(.milliseconds(25))
    }
    try wait(for: "the events") { direct.eventCount == eventCount }
    try? wait(for: "the events behind \(kind.name)", within: .seconds(3)) { client.eventCount == eventCount }
    #expect(client.eventCount == eventCount || !isByExample)
    guard client.eventCount == eventCount else { return }
    let delays = zip(direct.eventTimes, client.eventTimes).map { $0.duration(to: $1) }.sorted()
    figures.behindMedian = delays[delays.count / 2]
    figures.behindWorst = delays[delays.count * percentile / 100 - 1]
  }

  /// A client that retries until an edge serves it. The draining edge does not.
  private func servedClient(on road: Road) throws -> SSEClient {
    try wait(
      for: "an edge behind \(kind.name)",
      some: {
        let client = try road.client("/subscribe/raw", fields: Self.fields, waits: false)
        try? wait(for: "an answer", within: .seconds(2)) { client.head != nil || client.isEnded }
        if road.edgeServing("/subscribe/raw") != nil { return client }
        client.close()
        letPass(.milliseconds(100))
        return nil
      })
  }
}
