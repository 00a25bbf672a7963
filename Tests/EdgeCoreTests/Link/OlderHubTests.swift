import EdgeCore
import Primitives
import TestSupport
import Testing
import Wire

/// An edge understands a hub of the oldest version that may be in a fleet, by bytes that such a hub has sent.
@Suite struct OlderHubTests {
  private var link: HubLink
  private var edge: EdgeStreamFixture
  private let lineage: Lineage

  init() throws {
    lineage = try #require(Lineage(RecordedLink.lineage))
    link = HubLink(
      node: try #require(NodeName("edge-1")), softwareVersion: try #require(SoftwareVersion("0.1.0")),
      now: moment(0))
    _ = link.timerTriggered(now: moment(0))
    _ = link.connectionOpened(lineage: nil, position: 0, now: moment(0))
    edge = try EdgeStreamFixture(hubCount: 0)
    edge.stream = EdgeStream(hubCount: 1, interestLinger: .seconds(10))
  }

  /// Clients come back to the position 6, with a place that an edge of this version gave.
  private mutating func clientsComeBack() throws {
    var checksum = Checksum()
    for (name, total) in [("1F602", 4), ("2665", 2)] as [(String, UInt64)] {
      checksum.add(total, of: try id(name).weight)
    }
    let place = ResumePoint.token(ResumeToken(lineage: lineage, position: 6, check: checksum.check))
    let resume = StreamOptions(isResumable: true)
    let now = edge.now
    func ask(
      _ slot: Int32, _ kind: StreamKind, _ options: StreamOptions, _ point: ResumePoint,
      _ stream: inout EdgeStream
    )
      -> [EdgeStream.Action]
    {
      stream.clientJoined(kind)
        + stream.requested(
          OpeningClient(worker: 0, ClientID(slot: slot, generation: 0)),
          Subscription(kind, options: options, from: point), now: now)
        + stream.turnEnded(now: now)
    }
    let unchecked = ResumeToken(lineage: lineage, position: 6)
    let face = try #require(TopicID("1F602"))
    let actions =
      ask(1, .identifiedEPS(.full), resume, place, &edge.stream)
      + ask(2, .identifiedRaw, resume, place, &edge.stream)
      + ask(3, .details(face), StreamOptions(backfill: 2), .beginning, &edge.stream)
    let queries = actions.compactMap { if case .send(.query(let query), 0) = $0 { query } else { nil } }
    #expect(
      queries == [
        Query(id: 1, .past(unchecked)), Query(id: 2, .order(unchecked)),
        Query(id: 3, .tweets(face, count: 10)),
      ])
  }

  @Test("The hub is asked in its own words, and clients get each increment")
  mutating func served() throws {
    var decoder = FrameDecoder(from: .hub)
    let bytes = RecordedLink.ofHub
    decoder.append(bytes.span)
    var said: [String] = []
    while let message = try decoder.next() {
      switch link.messageReceived(message, now: edge.now) {
      case .begin:
        #expect(link.version == 1)
        _ = edge.stream.linkOpened(
          to: 0, version: link.version, tickInterval: link.tickInterval, now: edge.now)
      case .deliver:
        said += words(edge.receive(message)) + edge.turn()
        if case .feed = message {
          #expect(link.isFresh(at: edge.now))
          _ = edge.stream.freshnessChanged(of: 0, to: true, now: edge.now)
          edge.stream.interestConfirmed(by: 0)
          try clientsComeBack()
        }
      case .perform(let command): #expect(command.verb == .setLogLevel)
      case .none, .reply, .confirmInterest: break
      case .takeTicketKeys: Issue.record("version 1 knows of no ticket keys")
      case .disconnect(let reason): Issue.record("\(reason)")
      }
    }
    #expect(
      said.filter { $0.hasPrefix("open") } == [
        "open [1] {\"1F602\":1,\"2665\":1}", "open [2] 2665 1F602", "open [3] ",
      ])
    let totals = edge.stream.renderer.mirror.publishedTotals.map { "\($0.0) \($0.1)" }
    #expect(Set(totals) == ["1F602 6", "2665 4", "1F4C2 1"])
    #expect(edge.stream.renderer.mirror.published?.position == 11)
  }
}
