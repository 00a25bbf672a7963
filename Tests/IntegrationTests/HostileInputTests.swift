import Foundation
import Testing

extension IntegrationTests {
  @Suite("Hostile messages in Redis", .patient)
  struct HostileInputTests {
    /// Score ids that are accepted. Each is written to the totals too.
    private static let goodIDs: [[UInt8]] =
      [
        "a\"b", "a\\b", "<script>", "data: x", "}", "e\u{301}", "\u{e9}", "\u{2028}", ":", " x",
      ].map { Array($0.utf8) } + [[UInt8](repeating: 0x78, count: 64)]

    /// Score ids that are rejected, with the words under which they are counted.
    private static let badIDs: [([UInt8], String)] = [
      ([], "id_empty"), (Array("a\nb".utf8), "id_control_character"),
      (Array("a\rb".utf8), "id_control_character"),
      (Array("a\0b".utf8), "id_control_character"), (Array("\u{85}".utf8), "id_control_character"),
      (Array("\n\ndata:forged\n\n".utf8), "id_control_character"), ([0xff], "id_invalid_utf8"),
      ([0xc0, 0x80], "id_invalid_utf8"), ([UInt8](repeating: 0x78, count: 65), "id_too_long"),
      ([UInt8](repeating: 0x78, count: 65_537), "id_too_long"),
    ]

    @Test("Score ids of any kind cannot forge events; invalid ones are counted by reason")
    func scoreIDs() throws {
      try Deployment.run { deployment in
        let redis = try deployment.redis.client()
        let before = try redis.totals()
        let raw = try deployment.edges[0].client("/subscribe/raw")
        let sums = try deployment.edges[0].client("/subscribe/eps")
        try deployment.waitForTopics(1, of: deployment.edges[0])
        let words = ["ZINCRBY", "emojitrack_score", "1"].map { Array($0.utf8) }
        for (good, (bad, _)) in zip(Self.goodIDs, Self.badIDs) {
          try redis.publish("stream.score_updates", bad)
          _ = try redis.pipeline([words + [good]])
          try redis.publish("stream.score_updates", good)
        }
        for good in Self.goodIDs.dropFirst(Self.badIDs.count) {
          _ = try redis.pipeline([words + [good]])
          try redis.publish("stream.score_updates", good)
        }
        // All at once, so that ids that are equal in Unicode are in one event.
        let publish = ["PUBLISH", "stream.score_updates"].map { Array($0.utf8) }
        let increments = Self.goodIDs.flatMap { [words + [$0], publish + [$0]] }
        _ = try redis.pipeline([[Array("MULTI".utf8)]] + increments + [[Array("EXEC".utf8)]])
        let told = Self.goodIDs + Self.goodIDs
        try wait(for: "the raw events") { raw.eventCount >= told.count }
        #expect(raw.events == told.map { ServerSentEvent(name: "message", data: $0) })
        #expect(raw.unknownFields == [])
        try deployment.expectExactSums(of: [sums], since: before)
        #expect(try deployment.hub.page().messages.rejected == Self.counts(Self.badIDs.map(\.1)))
      }
    }

    @Test("Payloads of any kind cannot forge events; line breaks become several data lines")
    func payloads() throws {
      let large = [UInt8](repeating: 0x79, count: 65_536)
      // Published payloads, and what a client must receive.
      let passed: [(String, String)] = [
        ("one", "one"), ("a\nb\r\nc\rd", "a\nb\nc\nd"),
        ("x\n\nevent:forged\ndata:y\n\n", "x\n\nevent:forged\ndata:y\n\n"),
        ("", ""), (" leading", " leading"), ("nul\0l", "null"), ("\u{feff}bom", "\u{feff}bom"),
        ("u\u{2028}v\u{2029}w\u{85}x\u{b}y", "u\u{2028}v\u{2029}w\u{85}x\u{b}y"), ("\n", "\n"),
        ("\r\r\n", "\n\n"),
      ]
      try Deployment.run { deployment in
        let redis = try deployment.redis.client()
        let client = try deployment.edges[0].client("/subscribe/details/1F4C2")
        try deployment.waitForTopics(1, of: deployment.edges[0])
        let channel = "stream.tweet_updates.1F4C2"
        for (payload, _) in passed { try redis.publish(channel, Array(payload.utf8)) }
        try redis.publish(channel, [0xff, 0xfe])
        try redis.publish(channel, large + [0x79])
        for name in ["", "a b", "a\nb", "a.b", String(repeating: "x", count: 65)] {
          try redis.publish("stream.tweet_updates.\(name)", Array("x".utf8))
        }
        try redis.publish(channel, large)
        try wait(for: "the events") { client.eventCount >= passed.count + 1 }
        #expect(client.events.map(\.data) == passed.map { Array($0.1.utf8) } + [large])
        #expect(client.events.allSatisfy { $0.name == channel })
        #expect(client.unknownFields == [])
        #expect(
          try deployment.hub.page().messages.rejected == [
            "payload_invalid_utf8": 1, "payload_too_long": 1, "topic_invalid": 5,
          ])
        #expect(try deployment.hub.page().messages.residual == 0)
      }
    }

    private static func counts(_ words: [String]) -> [String: UInt64] {
      words.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
  }
}
