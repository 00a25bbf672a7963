import EdgeCore
import Testing
import Wire

@Suite struct ClientMatchTests {
  let here: NetworkAddress
  let there: NetworkAddress
  let key: ClientKey
  let other: ClientKey
  let details: StreamKind
  let id: TopicID

  init() throws {
    here = try NetworkAddress(parsing: "203.0.113.9")
    there = try NetworkAddress(parsing: "203.0.113.10")
    key = try #require(ClientKey("0123456789abcdef".utf8))
    other = try #require(ClientKey("0123456789abcdeF".utf8))
    id = try #require(TopicID("1F4C2".utf8))
    details = .details(id)
  }

  @Test("A page closes its own streams of the scope, and no others")
  func own() {
    let scores = ClientMatch.own(.scores, address: here, key: key)
    #expect(scores.contains(.raw, from: here, key: key))
    #expect(scores.contains(.eps(.full), from: here, key: key))
    #expect(!scores.contains(details, from: here, key: key))
    #expect(!scores.contains(.raw, from: there, key: key))
    #expect(!scores.contains(.raw, from: here, key: other))
    #expect(!scores.contains(.raw, from: here, key: nil))
    #expect(!scores.contains(.raw, from: nil, key: key))
    let tweets = ClientMatch.own(.details(id), address: here, key: key)
    #expect(tweets.contains(details, from: here, key: key))
    #expect(!tweets.contains(.allDetails, from: here, key: key))
    #expect(!tweets.contains(.raw, from: here, key: key))
  }

  @Test("An operator closes by address, by stream, or by both")
  func selected() {
    let both = ClientMatch.selected(address: here, namespace: "/eps")
    #expect(both.contains(.eps(.full), from: here, key: nil))
    #expect(!both.contains(.eps(.full), from: there, key: nil))
    #expect(!both.contains(.raw, from: here, key: nil))
    #expect(ClientMatch.selected(address: here, namespace: nil).contains(.raw, from: here, key: key))
    #expect(!ClientMatch.selected(address: here, namespace: nil).contains(.raw, from: nil, key: nil))
    #expect(
      ClientMatch.selected(address: nil, namespace: "/details/1F4C2").contains(details, from: nil, key: nil))
    #expect(!ClientMatch.selected(address: nil, namespace: "/details").contains(details, from: nil, key: nil))
  }

  @Test("A key has 16 to 64 of the characters that need no escape")
  func keys() {
    #expect(ClientKey(String(repeating: "a", count: 16).utf8) != nil)
    #expect(ClientKey(String(repeating: "-", count: 64).utf8) != nil)
    for text in [
      "", String(repeating: "a", count: 15), String(repeating: "a", count: 65), "0123456789abcde f",
      "0123456789abcdé0",
    ] {
      #expect(ClientKey(text.utf8) == nil)
    }
  }
}
