import HubCore
import Primitives
import TestSupport
import Testing
import Wire

@Suite struct InterestIndexTests {
  private let short: TopicID
  private let long: TopicID
  private var index = InterestIndex(topicsMaximum: 4)

  init() throws {
    short = try #require(TopicID("1F1"))
    long = try #require(TopicID("1F1EF"))
  }

  private func edges(wanting source: TopicEvent.Source) -> [Int] {
    var edges: [Int] = []
    index.forEachEdge(wanting: source) { edges.append($0) }
    return edges.sorted()
  }

  @Test("Only edges that want an id get its details, and a prefix of the id is another id")
  mutating func details() throws {
    try index.apply(Interest(.add, [.details(short)]), of: 1)
    try index.apply(Interest(.add, [.details(long)]), of: 2)
    #expect(edges(wanting: .details(short)) == [1])
    #expect(edges(wanting: .details(long)) == [2])
  }

  @Test("An edge that wants all details and one of them by name gets an event once")
  mutating func allDetails() throws {
    try index.apply(Interest(.add, [.details(short), .allDetails]), of: 1)
    try index.apply(Interest(.add, [.allDetails]), of: 2)
    #expect(edges(wanting: .details(short)) == [1, 2])
    #expect(edges(wanting: .details(long)) == [1, 2])
  }

  @Test("Raw and interaction have their own sets of edges")
  mutating func others() throws {
    try index.apply(Interest(.add, [.raw]), of: 1)
    try index.apply(Interest(.add, [.interaction]), of: 2)
    #expect(index.edges(of: .raw) == [1])
    #expect(edges(wanting: .interaction(try #require(ChannelName("stream.interaction.x")))) == [2])
  }

  @Test(
    "A replacement forgets the earlier topics; adding a present topic or removing an absent one changes nothing"
  )
  mutating func operations() throws {
    try index.apply(Interest(.add, [.raw, .raw, .details(short)]), of: 1)
    #expect(index.count(of: 1) == 2)
    try index.apply(Interest(.remove, [.details(long), .raw]), of: 1)
    #expect(index.count(of: 1) == 1)
    try index.apply(Interest(.replace, [.details(long)]), of: 1)
    #expect(edges(wanting: .details(short)).isEmpty)
    #expect(edges(wanting: .details(long)) == [1])
    #expect(index.topicCount == 1)
  }

  @Test("Topics up to the limit are accepted, and further ones are refused")
  mutating func limit() throws {
    let ids = try (0..<5).map { Topic.details(try #require(TopicID("id\($0)"))) }
    try index.apply(Interest(.add, Array(ids[..<4])), of: 1)
    try index.apply(Interest(.add, Array(ids[..<4])), of: 1)
    do throws(InterestError) {
      try index.apply(Interest(.add, [ids[4]]), of: 1)
      Issue.record("the fifth topic was taken")
    } catch {
      #expect(error == .tooManyTopics(limit: 4))
    }
    // Each edge has a limit of its own.
    try index.apply(Interest(.add, [ids[4]]), of: 2)
    #expect(index.count(of: 2) == 1)
  }

  @Test("An edge that leaves takes its topics along, and does not affect the others")
  mutating func removal() throws {
    for edge in 1...3 { try index.apply(Interest(.add, [.raw, .details(short)]), of: edge) }
    index.remove(1)
    index.remove(9)
    #expect(edges(wanting: .details(short)) == [2, 3])
    #expect(index.edges(of: .raw).sorted() == [2, 3])
    index.remove(3)
    index.remove(2)
    #expect(index.topicCount == 0)
  }

  @Test("After any changes the index equals plain sets", arguments: 1...20 as ClosedRange<UInt64>)
  func model(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let ids = try (0..<6).map { try #require(TopicID("id\($0)")) }
    let topics = ids.map { Topic.details($0) } + [.raw, .allDetails, .interaction]
    var index = InterestIndex()
    var model: [Int: Set<Topic>] = [:]
    for _ in 0..<300 {
      let edge = Int.random(in: 0..<5, using: &random)
      let some = topics.filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
      switch Int.random(in: 0..<4, using: &random) {
      case 0:
        try index.apply(Interest(.replace, some), of: edge)
        model[edge] = Set(some)
      case 1:
        try index.apply(Interest(.add, some), of: edge)
        model[edge, default: []].formUnion(some)
      case 2:
        try index.apply(Interest(.remove, some), of: edge)
        model[edge, default: []].subtract(some)
      default:
        index.remove(edge)
        model[edge] = nil
      }
      for topic in topics {
        let expected = model.filter { $0.value.contains(topic) }.keys.sorted()
        #expect(index.edges(of: topic).sorted() == expected, "seed \(seed)")
      }
      for id in ids {
        var wanting: [Int] = []
        index.forEachEdge(wanting: .details(id)) { wanting.append($0) }
        let expected = model.filter { !$0.value.isDisjoint(with: [.details(id), .allDetails]) }.keys.sorted()
        #expect(wanting.sorted() == expected, "seed \(seed)")
      }
      #expect((0..<5).map { index.count(of: $0) } == (0..<5).map { model[$0]?.count ?? 0 }, "seed \(seed)")
    }
  }
}
