import Primitives
import Reactor

/// A client that behaves like a browser: when its stream ends it waits as long as it was told, and reconnects, to
/// another edge if one refuses. With `resume=1` it sends its place.
///
/// It reconnects to the next edge in their order, or to a random one, as with a name for all addresses.
final class ReturningClient {
  private let path: String
  private let addresses: [SocketAddress]
  private let isByName: Bool
  private var next: Int
  private var returnsAt: Instant?
  private var lastEventID = ""
  /// Its streams, one after the other.
  private(set) var streams: [SSEClient] = []
  /// How often it has returned after an end, counted at the beginning of a stream.
  private(set) var returnCount = 0
  /// When it should have returned, after each end. This is the edge's choice; a late return may be the test's fault.
  private(set) var dueReturns: [Instant] = []
  private var isBack = true
  /// How often a connection was refused.
  private(set) var refusals = 0

  /// Asks for its stream. ``hasBegun`` is true once the stream has begun.
  ///
  /// - Parameters:
  ///   - first: the index of its first address.
  ///   - isByName: whether it returns to a random address, its previous one included.
  init(_ path: String, at addresses: [SocketAddress], first: Int, isByName: Bool = false) throws {
    self.isByName = isByName
    self.path = path
    self.addresses = addresses
    next = first + 1
    streams = [try SSEClient(path, at: addresses[first], waits: false)]
  }

  /// Whether it has the beginning of its first stream: from then on it must miss nothing.
  var hasBegun: Bool { !streams[0].retries.isEmpty }

  /// The sums of all its `eps` events.
  var sums: [ScoreID: UInt64] {
    streams.reduce(into: [:]) { $0.merge($1.sums, uniquingKeysWith: +) }
  }

  var eventNames: Set<String> { Set(streams.flatMap { $0.events.map(\.name) }) }

  /// To be called repeatedly: notices the end of a stream, and reconnects in time.
  func poll() {
    let now = MonotonicClock.now()
    guard let current = streams.last else { return }
    if let moment = returnsAt {
      guard moment <= now else { return }
      returnsAt = nil
      return connect()
    }
    let end = current.endedAt
    // A client that was released got a second reconnection time; a client that was rejected has only the first one.
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
