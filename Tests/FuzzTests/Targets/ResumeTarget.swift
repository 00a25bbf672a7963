import HTTP
import Primitives
import TestSupport
import Wire

@testable import EdgeCore

/// The head of a request; nil if it is refused.
private func head(_ target: [UInt8], lastEventID: [UInt8]) -> RequestHead? {
  let bytes =
    Array("GET ".utf8) + target + Array(" HTTP/1.1\r\nHost: a\r\nLast-Event-ID: ".utf8) + lastEventID
    + Array("\r\n\r\n".utf8)
  var parser = RequestHeadParser()
  var index = 0
  let head = try? parser.parse(bytes.span, from: &index)
  // A line end in the input makes other fields, or another request.
  return index == bytes.count ? head ?? nil : nil
}

/// The subscription that a request asks for; nil for none.
private func subscription(_ target: [UInt8], lastEventID: [UInt8] = []) -> Subscription? {
  guard let head = head(target, lastEventID: lastEventID) else { return nil }
  let offers = OfferedStreams(allDetails: true, interaction: true)
  guard case .stream(let subscription) = Router.route(head, offers: offers) else { return nil }
  return subscription
}

/// A name is what was read: the text that it shows is the text that gave it, and gives it again.
private func checkNames(_ bytes: [UInt8]) throws {
  let text = String(decoding: bytes, as: UTF8.self)
  let names: [(String, String?, Int)] = [
    ("token", ResumeToken(bytes).map { "\($0)" }, ResumeToken.maximumCount),
    ("lineage", Lineage(text).map { "\($0)" }, Lineage.maximumCount),
    ("topic", TopicID(bytes).map { "\($0)" }, 64), ("channel", ChannelName(bytes).map { "\($0)" }, 128),
    ("key", ClientKey(bytes)?.text, 64), ("id", (try? ScoreID(bytes)).map { "\($0)" }, ScoreID.maximumCount),
    ("node", NodeName(text).map { "\($0)" }, 253),
  ]
  for (kind, shown, limit) in names {
    guard let shown else { continue }
    // Only names of nodes have no case (RFC 4343).
    let expected = kind == "node" ? text.lowercased() : text
    try demand(shown.utf8.elementsEqual(expected.utf8), "a \(kind) shows \(shown.debugDescription)")
    try demand(bytes.count <= limit, "a \(kind) of \(bytes.count) bytes")
  }
}

extension FuzzTarget {
  /// The first line of an input is a target, the second one a `Last-Event-ID`. A token has one spelling. A subscription's own
  /// path asks for the same subscription, with its token in the query or in the header.
  static let resume = FuzzTarget(
    name: "resume", subject: "targets with queries, resume tokens, and the names in them", sizeMaximum: 9_000,
    seeds: resumeSeeds
  ) { bytes in
    let lines = bytes.split(separator: 10, maxSplits: 1, omittingEmptySubsequences: false)
    let (target, place) = (Array(lines[0]), Array(lines.count > 1 ? lines[1] : []))
    for part in [bytes, target, place] { try checkNames(part) }
    guard let found = subscription(target, lastEventID: place) else { return }
    let path = found.options.path(of: found.stream)
    let plain = subscription(Array(path.utf8))
    try demand(
      plain?.stream == found.stream && plain?.options == found.options,
      "\(path) gives \(String(describing: plain)), not \(found)")
    try demand(
      found.options.isResumable || found.point == .beginning,
      "a place is used that nobody asked for: \(found)")
    guard case .token(let token) = found.point else { return }
    try demand(
      subscription(Array(path.utf8), lastEventID: Array("\(token)".utf8)) == found,
      "the header gives another place than \(token)")
    for name in ["last_event_id", "lastEventId", "Last-Event-ID"] {
      try demand(
        subscription(Array("\(path)&\(name)=\(token)".utf8)) == found,
        "\(name) gives another place than \(token)")
    }
  }

  @Sendable private static func resumeSeeds() -> [[UInt8]] {
    [
      "/subscribe/eps?resume=1&snapshot=1&hz=10\n00c0ffee00c0ffee:300:00c0ffee",
      "/subscribe/raw?resume=1&last_event_id=00c0ffee00c0ffee:18446744073709551615:ffffffff",
      "/subscribe/eps?resume=1&lastEventId=a%3A1&lastEventId=b:2:00000000\n",
      "/subscribe/details/1F602?backfill=10&client=0123456789abcdef", "/subscribe/details?x=%zz&&=&+=%41",
      "/subscribe/kiosk_interaction?hz=61", "http://example.org/subscribe/eps?hz=1",
      "/subscribe/eps?snapshot=0",
      "00c0ffee00c0ffee:300", "a:0:0000000f", "edge-1.example.org", "1F1EF-1F1F5",
      "stream.interaction.request",
    ].map { Array($0.utf8) }
  }
}
