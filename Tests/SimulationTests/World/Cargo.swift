import HubCore

/// What travels over a connection.
protocol Cargo {
  /// How much room it takes on its way.
  var size: Int { get }
  /// Its first part, at most so large; the rest is left.
  mutating func takeFirst(_ limit: Int) -> Self
}

extension [UInt8]: Cargo {
  var size: Int { count }

  mutating func takeFirst(_ limit: Int) -> [UInt8] {
    guard limit < count else {
      defer { self = [] }
      return self
    }
    let first = Array(prefix(limit))
    removeFirst(limit)
    return first
  }
}

/// What goes between a hub and Redis, in either direction.
enum RedisCargo: Cargo {
  case command(FeedCommand)
  case reply(FeedReply)
  case message(channel: [UInt8], payload: [UInt8])

  var size: Int { 1 }

  mutating func takeFirst(_ limit: Int) -> RedisCargo { self }
}
