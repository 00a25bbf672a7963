import Primitives

/// The latest raw ids of a lineage with their positions, without a gap: what a client of raw missed that has been away.
///
/// It goes from one place to another, and knows every id in between. Where something was lost, or a position jumps (a repair,
/// whose ids have no order), it begins anew: then the hub is asked, which knows more.
struct RawHistory: Sendable {
  /// One id and its position.
  struct Event: Equatable, Sendable {
    /// Where it stands.
    let position: Position
    /// The id.
    let id: ScoreID
  }

  /// How many ids are kept.
  static let maximumCount = 65_536

  private let countLimit: Int
  private var events = RingBuffer<Event>()
  private var coverage: (start: Position, end: Position)?

  /// One that knows nothing.
  init(countLimit: Int = Self.maximumCount) { self.countLimit = countLimit }

  /// Up to where ids were told; nil while it knows nothing.
  var end: Position? { coverage?.end }

  /// Whether it knows all ids from that place on.
  func covers(_ place: Position) -> Bool {
    coverage.map { $0.start <= place && place <= $0.end } ?? false
  }

  /// Forgets everything.
  mutating func clear() { self = RawHistory(countLimit: countLimit) }

  /// From that place on all ids come, and those before it are never told.
  mutating func begin(at place: Position) {
    events = RingBuffer()
    coverage = (place, place)
  }

  /// Ids came, of which the first one has that position.
  ///
  /// - Returns: those of them that are new, with their positions.
  mutating func append(_ ids: [ScoreID], firstPosition: Position) -> [Event] {
    let known = coverage?.end ?? 0
    let new = ids.indices.lazy.map { Event(position: firstPosition + Position($0), id: ids[$0]) }
      .filter { [coverage] event in coverage == nil || event.position > known }
    guard let first = new.first, first.position > 0 else { return [] }
    if coverage?.end != first.position - 1 { begin(at: first.position - 1) }
    for event in new { events.append(event) }
    coverage?.end = firstPosition + Position(ids.count - 1)
    return Array(new)
  }

  /// A hub told what came after a place. It is of use if it reaches what is known here, and lies before it.
  ///
  /// - Parameter told: in order.
  mutating func extend(from place: Position, with told: [Event]) {
    let reached = max(place, told.last?.position ?? place)
    guard let known = coverage, place <= known.end else {
      begin(at: place)
      for event in told { events.append(event) }
      coverage?.end = reached
      return
    }
    guard place < known.start, reached >= known.start else { return }
    var joined = RingBuffer<Event>(minimumCapacity: told.count + events.count)
    for event in told where event.position <= known.start { joined.append(event) }
    for index in 0..<events.count { joined.append(events[index]) }
    events = joined
    coverage?.start = place
  }

  /// The ids that came after a place, in order.
  ///
  /// - Precondition: it ``covers(_:)`` the place.
  func events(after place: Position) -> some Sequence<Event> {
    precondition(covers(place))
    var (low, high) = (0, events.count)
    while low < high {
      let middle = (low + high) / 2
      if events[middle].position <= place { low = middle + 1 } else { high = middle }
    }
    return (low..<events.count).lazy.map { [events] in events[$0] }
  }

  /// Forgets what is too much. To be called when whoever asked has had an answer.
  mutating func trim() {
    while events.count > countLimit, let dropped = events.popFirst() { coverage?.start = dropped.position }
  }
}
