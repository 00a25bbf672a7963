import HTTP

/// Reads from a request's query how its stream begins.
struct StreamQuery {
  private let head: RequestHead

  init(_ head: RequestHead) { self.head = head }

  /// The subscription of a client that asks for one of the plain kinds of streams.
  func subscription(to kind: StreamKind) throws(BadQuery) -> Subscription {
    switch kind {
    case .eps:
      let rate = try updateRate()
      let options = StreamOptions(
        isResumable: try flag("resume", .resume), hasSnapshot: try flag("snapshot", .snapshot))
      let stream = StreamKind.eps(rate)
      guard options != .none else { return Subscription(stream) }
      return Subscription(stream.identified, options: options, from: point(options))
    case .raw:
      let options = StreamOptions(isResumable: try flag("resume", .resume))
      guard options.isResumable else { return Subscription(.raw) }
      return Subscription(.identifiedRaw, options: options, from: point(options))
    case .details: return Subscription(kind, options: StreamOptions(backfill: try backfill()))
    case .allDetails, .interaction, .probe, .identifiedEPS, .identifiedRaw:
      return Subscription(kind)
    }
  }

  private func updateRate() throws(BadQuery) -> UpdateRate {
    guard let number = try number("hz", .rate) else { return .full }
    guard let rate = UpdateRate(hertz: number) else { throw .rate }
    return rate
  }

  private func backfill() throws(BadQuery) -> UInt8 {
    guard let number = try number("backfill", .backfill) else { return 0 }
    guard StreamOptions.allowedBackfill.contains(number) else { throw .backfill }
    return UInt8(number)
  }

  private func number(_ name: String, _ error: BadQuery) throws(BadQuery) -> Int? {
    guard let text = head.target.queryValue(named: name) else { return nil }
    guard let number = Int(String(decoding: text, as: UTF8.self)) else { throw error }
    return number
  }

  private func flag(_ name: String, _ error: BadQuery) throws(BadQuery) -> Bool {
    guard let text = head.target.queryValue(named: name) else { return false }
    if text.elementsEqual("1".utf8) { return true }
    if text.elementsEqual("0".utf8) { return false }
    throw error
  }

  /// The header comes from the client's last connection. The query may date from its first one, because a browser
  /// repeats its URL unchanged. A client that puts the place into the query itself may append it after an older one,
  /// and under another name: `lastEventId` is that of a widespread polyfill.
  private func point(_ options: StreamOptions) -> ResumePoint {
    guard options.isResumable else { return .beginning }
    if let text = head.value(of: "last-event-id"), !text.isEmpty { return ResumePoint(Array(text.utf8)) }
    let places = head.target.queryValues(named: "last_event_id", "lastEventId", "Last-Event-ID")
    return ResumePoint(places.reduce([]) { $1.isEmpty ? $0 : $1 })
  }
}
