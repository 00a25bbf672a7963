import EdgeCore
import HTTP
import Primitives
import Testing
import Wire

@Suite struct StreamQueryTests {
  private func route(_ target: String, fields: [String] = []) throws -> Route {
    Router.route(
      try parsedHead(request("GET " + target, fields: fields)), offers: OfferedStreams(allDetails: true))
  }

  private func token(_ text: String) throws -> ResumePoint { .token(try #require(ResumeToken(text.utf8))) }

  @Test("resume=1 and snapshot=1 give eps events their ids, at every rate")
  func scores() throws {
    let rate = try #require(UpdateRate(hertz: 10))
    #expect(
      try route("/subscribe/eps?resume=1")
        == .stream(Subscription(.identifiedEPS(.full), options: StreamOptions(isResumable: true))))
    #expect(
      try route("/subscribe/eps?hz=10&snapshot=1&resume=0")
        == .stream(Subscription(.identifiedEPS(rate), options: StreamOptions(hasSnapshot: true))))
    #expect(try route("/subscribe/eps?resume=0&snapshot=0") == .stream(Subscription(.eps(.full))))
  }

  @Test("raw has ids with resume=1; it has no snapshot, and does not look for one")
  func raw() throws {
    let expected = Subscription(.identifiedRaw, options: StreamOptions(isResumable: true))
    #expect(try route("/subscribe/raw?resume=1&snapshot=x") == .stream(expected))
    #expect(try route("/subscribe/raw?snapshot=1") == .stream(Subscription(.raw)))
  }

  @Test("A token is in the header or the query, the header wins, and neither counts without resume=1")
  func tokens() throws {
    func point(_ target: String, _ fields: [String] = []) throws -> ResumePoint? {
      guard case .stream(let subscription) = try route(target, fields: fields) else { return nil }
      return subscription.point
    }
    let field = "Last-Event-ID: abc:7"
    #expect(try point("/subscribe/eps?resume=1", [field]) == token("abc:7"))
    #expect(try point("/subscribe/raw?resume=1&last_event_id=abc%3A8") == token("abc:8"))
    #expect(try point("/subscribe/raw?resume=1&last_event_id=abc:8", [field]) == token("abc:7"))
    for name in ["lastEventId", "Last-Event-ID"] {
      #expect(try point("/subscribe/eps?resume=1&\(name)=abc:8") == token("abc:8"))
      #expect(try point("/subscribe/eps?resume=1&\(name)=abc:8", [field]) == token("abc:7"))
    }
    // A client that puts its place into the query leaves the page's own place there.
    #expect(
      try point("/subscribe/eps?resume=1&last_event_id=abc:8&Last-Event-ID=abc:9&lastEventId=")
        == token("abc:9"))
    #expect(try point("/subscribe/eps?lastEventId=abc:9&resume=1&last_event_id=abc:8") == token("abc:8"))
    #expect(try point("/subscribe/eps?resume=1&lasteventid=abc:8") == .beginning)
    #expect(try point("/subscribe/eps?last_event_id=abc:8", [field]) == .beginning)
    #expect(try point("/subscribe/eps?snapshot=1", [field]) == .beginning)
    #expect(try point("/subscribe/eps?resume=1&last_event_id=", ["Last-Event-ID:"]) == .beginning)
    #expect(try point("/subscribe/details/A?resume=1", [field]) == .beginning)
  }

  @Test(
    "A malformed token is unreadable, and no error",
    arguments: [
      "abc", ":1", "abc:", "abc:-1", "abc:01", "abc:1:1", "a%20b:1", "abc:18446744073709551616", "%00",
    ])
  func unreadable(text: String) throws {
    let expected = Subscription(
      .identifiedEPS(.full), options: StreamOptions(isResumable: true), from: .unreadable)
    #expect(try route("/subscribe/eps?resume=1&last_event_id=\(text)") == .stream(expected))
  }

  @Test("A client may begin with one to ten tweets, and only of one id", arguments: [1, 2, 9, 10])
  func backfill(count: Int) throws {
    let id = try #require(TopicID("1F4C2".utf8))
    #expect(
      try route("/subscribe/details/1F4C2?backfill=\(count)")
        == .stream(Subscription(.details(id), options: StreamOptions(backfill: UInt8(count)))))
    #expect(try route("/subscribe/details?backfill=\(count)") == .stream(Subscription(.allDetails)))
  }

  @Test(
    "A value that is not allowed is refused with the reason",
    arguments: [
      ("eps?hz=0", BadQuery.rate), ("eps?resume=2", .resume), ("eps?resume=", .resume),
      ("eps?resume", .resume),
      ("eps?resume=yes", .resume), ("eps?resume=01", .resume), ("eps?snapshot=true", .snapshot),
      ("raw?resume=-1", .resume), ("details/A?backfill=0", .backfill), ("details/A?backfill=11", .backfill),
      ("details/A?backfill=", .backfill), ("details/A?backfill=1.5", .backfill),
      ("details/A?backfill=-3", .backfill),
    ])
  func badValues(target: String, error: BadQuery) throws {
    #expect(try route("/subscribe/" + target) == .badQuery(error))
    var session = ClientSession()
    let action = session.receive(request("GET /subscribe/" + target)).action
    #expect(action.status == .badRequest)
    #expect(!session.isReading)
  }
}
