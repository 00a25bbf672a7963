import HubCore
import Primitives
import TestSupport
import Testing
import Wire

/// A hub understands an edge of the oldest version that may be in a fleet, by bytes that such an edge has sent.
@Suite struct OlderEdgeTests {
  private func messages(_ bytes: [UInt8], from peer: Peer) throws -> [Message] {
    var decoder = FrameDecoder(from: peer)
    decoder.append(bytes.span)
    var messages: [Message] = []
    while let message = try decoder.next() { messages.append(message) }
    return messages
  }

  private func encoded(_ messages: [Message]) -> [UInt8] {
    var writer = ByteWriter()
    for message in messages { message.encode(into: &writer) }
    return writer.bytes
  }

  @Test("What both sides sent is read, and would be sent again with the same bytes")
  func encoding() throws {
    let edge = try messages(RecordedLink.ofEdge, from: .edge)
    #expect(
      Set(edge.map(\.type)) == [.hello, .interest, .report, .commandResult, .query, .ping, .pong, .goAway])
    #expect(encoded(edge) == RecordedLink.ofEdge)
    let hub = try messages(RecordedLink.ofHub, from: .hub)
    #expect(hub.count == 21)
    #expect(encoded(hub) == RecordedLink.ofHub)
  }

  @Test(
    "The edge is welcomed with the version and the bytes that its own hub sent, and served until it leaves")
  func served() throws {
    var terms = LinkLimits(
      node: try #require(NodeName("localhost")), softwareVersion: try #require(SoftwareVersion("0.1.0")))
    terms.reportInterval = .seconds(5)
    var link = EdgeLink(terms: terms, peerNames: ["edge-1"], now: .origin)
    var questions: [Query.Question] = []
    var reports: [Report] = []
    var results: [CommandResult] = []
    var topics: [Topic] = []
    var end: EdgeLinkEnd?
    for message in try messages(RecordedLink.ofEdge, from: .edge) {
      switch link.messageReceived(message, now: .origin) {
      case .welcome(let hello, let welcome):
        #expect(!link.takesTicketKeys)
        #expect(hello.versions == 1...1)
        #expect(welcome.version == 1)
        let bytes = encoded([.welcome(welcome)])
        #expect(Array(RecordedLink.ofHub.prefix(bytes.count)) == bytes)
      case .answer(let query):
        questions.append(query.question)
        link.queryAnswered()
      case .recordReport(let report): reports.append(report)
      case .finishCommand(let result): results.append(result)
      case .changeInterest(let interest): topics += interest.topics
      case .close(let closure): end = closure.end
      case .send(.pong), .ignore: break
      case .send, .refuseQuery: Issue.record("\(message)")
      }
    }
    let place = ResumeToken(lineage: try #require(Lineage(RecordedLink.lineage)), position: 6)
    let face = try #require(TopicID("1F602"))
    #expect(questions == [.past(place), .order(place), .tweets(face, count: 10)])
    #expect(topics == [.raw, .details(face)])
    #expect(reports.map { $0[.workers] } == [1, 1])
    #expect(results.map(\.id) == [1] && results[0].outcome == .done)
    #expect(end == .edgeShutDown)
  }
}
