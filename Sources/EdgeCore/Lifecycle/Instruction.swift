import Primitives
import Wire

/// An instruction of a hub to the edge: a ``Wire/Command`` with its argument parsed.
package enum Instruction: Equatable, Sendable {
  /// Send a report.
  case reportNow
  /// Announce a drain for this duration, then release all clients over a window and accept no new ones. Nil means
  /// the configured durations.
  case drain(window: Duration?, announce: Duration?)
  /// Accept clients again.
  case undrain
  /// Log from this level on. The driver checks the name, because the levels are those of its log.
  case setLogLevel(String)
  /// Release this number of clients over a window; nil for the configured window.
  case shed(clients: Int, window: Duration?)
  /// Release these clients now.
  case close(ClientMatch)
  /// Answer with a page of the list of streaming clients.
  case listConnections(offset: Int, limit: Int)
  /// Read configuration and certificates again.
  case reload

  /// The most connections that one page may hold.
  package static let allowedLimit = 1...200

  /// Parses a command.
  ///
  /// - Throws: the reason of the refusal, in words.
  package init(_ command: Command) throws(MalformedText) {
    var argument = try Argument(command.argument)
    switch command.verb {
    case .reportNow: self = .reportNow
    case .drain: self = .drain(window: try argument.window(), announce: try argument.announcement())
    case .undrain: self = .undrain
    case .setLogLevel: self = .setLogLevel(try argument.required("level"))
    case .shed:
      self = .shed(
        clients: try argument.number("clients", in: 0...10_000_000).required("clients"),
        window: try argument.window())
    case .closeClients: self = .close(try argument.match())
    case .listConnections:
      self = .listConnections(
        offset: try argument.number("offset", in: 0...10_000_000) ?? 0,
        limit: try argument.number("limit", in: Self.allowedLimit) ?? 100)
    case .reload: self = .reload
    }
    try argument.finish(command.verb)
  }
}

/// The `key=value` pairs of a command, taken out one by one.
private struct Argument {
  private var values: [String: String] = [:]

  init(_ text: String) throws(MalformedText) {
    guard !text.isEmpty else { return }
    for pair in text.split(separator: " ", omittingEmptySubsequences: false) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw MalformedText("'\(pair)' is not key=value")
      }
      guard values.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
        throw MalformedText("\(parts[0]) is given twice")
      }
    }
  }

  mutating func number(_ key: String, in range: ClosedRange<Int>) throws(MalformedText) -> Int? {
    guard let text = values.removeValue(forKey: key) else { return nil }
    guard text.utf8.allSatisfy(\.isASCIIDigit), let number = Int(text), range.contains(number) else {
      throw MalformedText(
        "\(key) is '\(text)', and must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  mutating func required(_ key: String) throws(MalformedText) -> String {
    try values.removeValue(forKey: key).required(key)
  }

  mutating func window() throws(MalformedText) -> Duration? {
    try seconds("window", in: ReleasePace.allowedWindow)
  }

  mutating func announcement() throws(MalformedText) -> Duration? {
    try seconds("announce", in: EdgeLifecycle.allowedAnnouncement)
  }

  private mutating func seconds(
    _ key: String, in allowed: ClosedRange<Duration>
  ) throws(MalformedText) -> Duration? {
    let range = Int(allowed.lowerBound.components.seconds)...Int(allowed.upperBound.components.seconds)
    return try number(key, in: range).map { .seconds($0) }
  }

  mutating func match() throws(MalformedText) -> ClientMatch {
    var address: NetworkAddress?
    if let text = values.removeValue(forKey: "address") {
      guard let parsed = try? NetworkAddress(parsing: text) else {
        throw MalformedText("address is '\(text)', and must be an IPv4 or IPv6 address")
      }
      address = parsed
    }
    let namespace = values.removeValue(forKey: "stream")
    guard address != nil || namespace != nil else {
      throw MalformedText("address or stream is missing: one of them must select the clients")
    }
    return .selected(address: address, namespace: namespace)
  }

  func finish(_ verb: Command.Verb) throws(MalformedText) {
    if let key = values.keys.min() { throw MalformedText("\(verb) has no argument \(key)") }
  }
}

extension Optional {
  fileprivate func required(_ key: String) throws(MalformedText) -> Wrapped {
    guard let self else { throw MalformedText("\(key) is missing") }
    return self
  }
}
