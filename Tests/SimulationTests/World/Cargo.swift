import HubCore

/// Data that travels over a connection.
protocol Cargo {
  /// Its size in the window.
  var size: Int { get }
  /// Takes its first part, at most `limit` in size; the rest remains.
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

/// Data between a hub and Redis, in either direction.
enum RedisCargo: Cargo {
  case command(FeedCommand)
  case reply(FeedReply)
  case message(channel: [UInt8], payload: [UInt8])

  var size: Int { 1 }

  mutating func takeFirst(_ limit: Int) -> RedisCargo { self }
}
