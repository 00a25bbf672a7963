import Testing

@testable import Bench

@Suite struct EventScannerTests {
  private func tally(_ text: String, _ content: EventScanner.Content) -> StreamTally {
    var scanner = EventScanner(content)
    var tally = StreamTally()
    scanner.scan(Array(text.utf8).span, into: &tally)
    return tally
  }

  private static let scores =
    "retry:2718\n:\ndata:{\"1F4C2\":2,\"2665\":30}\n\nid:a:1\ndata: {\"probe-07\":1}\n\ndata:{\"a\\\"b\":5,\"probe-63\":1}\n\n"

  @Test("The growths of eps events add up, whatever surrounds them")
  func sums() {
    let tally = tally(Self.scores, .scores)
    #expect(tally.events == 3)
    #expect(tally.amount == 39)
    #expect(tally.malformed == 0)
    #expect(tally.hash == 0)
    #expect(tally.bytes == UInt64(Self.scores.utf8.count))
    #expect(tally.probes == (1 << 7 | 1 << 63) as UInt64)
  }

  @Test("The last id is remembered, also by the next stream, once its event has ended")
  func ids() {
    var tally = StreamTally()
    var scanner = EventScanner(.scores, lastID: Array("before".utf8))
    scanner.scan(Array("id: a:1\n".utf8).span, into: &tally)
    #expect(scanner.lastID == Array("before".utf8), "what the id stands for has not come")
    scanner.scan(Array("data:{\"2665\":3}\n\nid:a:2\nda".utf8).span, into: &tally)
    #expect(scanner.lastID == Array("a:1".utf8), "an event without an end is void")
    #expect(tally.amount == 3 && scanner.ended == 1)
    scanner.scan(Array("ta:{\"2665\":4}\n".utf8).span, into: &tally)
    let long = String(repeating: "x", count: 500)
    scanner.scan(Array("\n:\n\nid:\(long)\n\n".utf8).span, into: &tally)
    #expect(scanner.lastID.count == 128)
    #expect(tally.amount == 7 && tally.malformed == 0)
  }

  @Test("Events without increments are skipped, except for their ids")
  func aside() {
    let text =
      "retry:3\nid:a:1\nevent:position\ndata:{}\n\nid:a:2\nevent:snapshot\ndata:{\"A\":2}\n\n"
      + "id:a:3\nevent:reset\ndata:{\"reason\":\"x\"}\n\n"
    for (content, event) in [
      (EventScanner.Content.scores, "data:{\"A\":1}\n\n"), (.text, "event:stream.position\ndata:A\n\n"),
    ] {
      var tally = StreamTally()
      var scanner = EventScanner(content)
      scanner.scan(Array(text.utf8).span, into: &tally)
      #expect(scanner.lastID == Array("a:3".utf8))
      #expect(scanner.wasReset && scanner.ended == 3)
      scanner.scan(Array(event.utf8).span, into: &tally)
      #expect(tally.events == 1 && tally.amount == 1 && tally.malformed == 0)
    }
  }

  @Test("Raw events count one each, and probes among them are seen")
  func raw() {
    let tally = tally("retry:3000\ndata:1F600\n\ndata: probe-10\n\n", .text)
    #expect(tally.events == 2)
    #expect(tally.amount == 2)
    #expect(tally.probes == 1 << 10)
  }

  @Test("A details event of several lines is one event")
  func severalLines() {
    let tally = tally("event:stream.tweet_updates.1F600\ndata:a\ndata:b\n\n", .text)
    #expect(tally.events == 1)
    #expect(tally.amount == 1)
  }

  @Test(
    "Every split of the bytes gives the same tally",
    arguments: [
      (scores, EventScanner.Content.scores), ("event:x\ndata:1F600\n\n:\ndata: probe-10\ndata\n\n", .text),
    ])
  func splits(text: String, content: EventScanner.Content) {
    let bytes = Array(text.utf8)
    let whole = tally(text, content)
    for first in 0...bytes.count {
      for second in first...bytes.count {
        var scanner = EventScanner(content)
        var tally = StreamTally()
        for range in [0..<first, first..<second, second..<bytes.count] {
          scanner.scan(bytes.span.extracting(range), into: &tally)
        }
        #expect(tally == whole, "split at \(first) and \(second)")
      }
    }
  }

  @Test("The hash changes with the order and with the text")
  func hash() {
    let hash = tally("data:a\n\ndata:b\n\n", .text).hash
    #expect(tally("data:b\n\ndata:a\n\n", .text).hash != hash)
    #expect(tally("data:ab\n\n", .text).hash != hash)
    #expect(tally("retry:1\ndata: a\n\n:\ndata:b\n\n", .text).hash == hash)
  }

  @Test(
    "Data that is no map of growths is malformed, and the next event is still read",
    arguments: [
      "data:1F600\n\n", "data:{}\n\n", "data:{\"a\":}\n\n", "data:{\"a\":1\n\n", "data:{\"a\":1}x\n\n",
      "data:{\"a\":-1}\n\n",
      "data:{\"a\n\n", "data:\n\n", "data:{\"a\" :1}\n\n",
    ])
  func malformed(event: String) {
    let tally = tally(event + "data:{\"2665\":4}\n\n", .scores)
    #expect(tally.malformed == 1)
    #expect(tally.events == 1)
    #expect(tally.amount >= 4)
  }

  @Test("An event without an end does not count")
  func noEnd() {
    #expect(tally("data:1F600\n", .text).events == 0)
    let cutOff = tally("data:{\"2665\":4}\n", .scores)
    #expect(cutOff.events == 0 && cutOff.amount == 0, "a client that returns gets it again")
    #expect(tally("data:1F600\n", .text).hash == 0)
  }

  @Test("The last retry time counts, and an invalid one does not")
  func retry() {
    var scanner = EventScanner(.scores)
    var tally = StreamTally()
    scanner.scan(Array("retry: 100\nretry:2500\nretry:12a\n".utf8).span, into: &tally)
    #expect(scanner.retryMilliseconds == 2500)
  }

  @Test("Only the sixty-four probes are probes")
  func probes() {
    for number in 0..<Probe.count {
      #expect(tally("data:\(Probe.id(number))\n\n", .text).probes == 1 << UInt64(number))
    }
    for other in ["probe-64", "probe-99", "probe-1", "probe-0a", "Probe-01", "1F600"] {
      #expect(tally("data:\(other)\n\n", .text).probes == 0, "\(other)")
    }
  }

  @Test(
    "The bare loop's event has the requested length, and is read as one score",
    arguments: [14, 64, 500])
  func floorEvent(count: Int) {
    let bytes = FloorEvent.bytes(count: count)
    #expect(bytes.count == count)
    let tally = tally(String(decoding: bytes, as: UTF8.self), .scores)
    #expect(tally.events == 1)
    #expect(tally.amount == 1)
    #expect(tally.malformed == 0)
  }
}
