import Primitives
import Reactor

/// A client as a browser has it: when its stream ends it waits for as long as it was told, and comes back, to another
/// edge if one refuses it. With `resume=1` it says where it was.
///
/// Where it comes back is the next edge in their order; or any one, as where a name has all their addresses.
final class ReturningClient {
  private let path: String
  private let addresses: [SocketAddress]
  private let isByName: Bool
  private var next: Int
  private var returnsAt: Instant?
  private var lastEventID = ""
  /// Its streams, one after the other.
  private(set) var streams: [SSEClient] = []
  /// How often it was back after an end: once it has the beginning of a stream.
  private(set) var returnCount = 0
  /// When it was to come back, after each end: that is the edge's doing, and a return that is late may be the test's.
  private(set) var dueReturns: [Instant] = []
  private var isBack = true
  /// How often a connection was refused.
  private(set) var refusals = 0

  /// It asks for its stream; whether that has begun, `hasBegun` says.
  ///
  /// - Parameters:
  ///   - first: which of the addresses it goes to first.
  ///   - isByName: whether it comes back to any of them, that which it left among them.
  init(_ path: String, at addresses: [SocketAddress], first: Int, isByName: Bool = false) throws {
    self.isByName = isByName
    self.path = path
    self.addresses = addresses
    next = first + 1
    streams = [try SSEClient(path, at: addresses[first], waits: false)]
  }

  /// True once it has the beginning of its first stream: from then on it misses nothing.
  var hasBegun: Bool { !streams[0].retries.isEmpty }

  /// What all its `eps` events add up to.
  var sums: [ScoreID: UInt64] {
    streams.reduce(into: [:]) { $0.merge($1.sums, uniquingKeysWith: +) }
  }

  /// The names of its events.
  var eventNames: Set<String> { Set(streams.flatMap { $0.events.map(\.name) }) }

  /// To be called again and again: sees that a stream has ended, and comes back in time.
  func look() {
    let now = MonotonicClock.now()
    guard let current = streams.last else { return }
    if let moment = returnsAt {
      guard moment <= now else { return }
      returnsAt = nil
      return connect()
    }
    let end = current.endedAt
    // One that has ended since was let go with a second time to come back; one that was refused has the first alone.
    if !isBack, current.retries.count > (end == nil ? 0 : 1) {
      isBack = true
      returnCount += 1
    }
    guard let end else { return }
    isBack = false
    if !current.lastEventID.isEmpty { lastEventID = current.lastEventID }
    let due = end.advanced(by: .milliseconds(current.retries.last ?? 0))
    dueReturns.append(due)
    returnsAt = due
  }

  private func connect() {
    let fields = lastEventID.isEmpty ? "" : "Last-Event-ID: \(lastEventID)\r\n"
    if isByName { next = Int.random(in: addresses.indices) }
    for _ in addresses {
      let address = addresses[next % addresses.count]
      next += 1
      if let stream = try? SSEClient(path, at: address, fields: fields, waits: false) {
        streams.append(stream)
        return
      }
      refusals += 1
    }
    returnsAt = MonotonicClock.now().advanced(by: .milliseconds(100))
  }
}
