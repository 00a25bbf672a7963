import EdgeCore
import Primitives
import Testing
import Wire

@Suite struct SubscriptionTests {
  @Test("The path shows the request in its canonical spelling")
  func paths() throws {
    let id = try #require(TopicID("1F4C2".utf8))
    let rate = try #require(UpdateRate(hertz: 10))
    #expect(StreamOptions.none.path(of: .details(id)) == "/subscribe/details/1F4C2")
    #expect(StreamOptions(backfill: 3).path(of: .details(id)) == "/subscribe/details/1F4C2?backfill=3")
    #expect(StreamOptions.none.path(of: .eps(rate)) == "/subscribe/eps?hz=10")
    #expect(
      StreamOptions(isResumable: true, hasSnapshot: true).path(of: .identifiedEPS(rate))
        == "/subscribe/eps?hz=10&resume=1&snapshot=1")
    #expect(StreamOptions(isResumable: true).path(of: .identifiedRaw) == "/subscribe/raw?resume=1")
  }

  @Test("Only a client that asks for more than the present waits for an opening")
  func openings() {
    #expect(!Subscription(.eps(.full)).needsOpening)
    #expect(Subscription(.identifiedEPS(.full), options: StreamOptions(hasSnapshot: true)).needsOpening)
  }
}
