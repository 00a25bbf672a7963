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
    /// What the totals consist of with it; nil if that is not known.
    var checksum: Checksum?
  }

  /// How many ids are kept.
  static let maximumCount = 65_536

  private let countLimit: Int
  private var events = RingBuffer<Event>()
  private var coverage: (start: Position, end: Position)?
  /// What the totals consist of at the start.
  private var startChecksum: Checksum?

  /// One that knows nothing.
  init(countLimit: Int = Self.maximumCount) { self.countLimit = countLimit }

  /// Up to where ids were told; nil while it knows nothing.
  var end: Position? { coverage?.end }

  /// The place up to which ids were told; nil while it knows nothing.
  func place(in lineage: Lineage) -> ResumeToken? {
    coverage.map { ResumeToken(lineage: lineage, position: $0.end, check: checksum(at: $0.end)?.check) }
  }

  /// Whether it knows all ids from that place on, and the totals there were those that the place says.
  func covers(_ place: ResumeToken) -> Bool {
    guard let coverage, coverage.start <= place.position, place.position <= coverage.end else {
      return false
    }
    guard let check = place.check, let known = checksum(at: place.position) else { return true }
    return known.check == check
  }

  private func checksum(at position: Position) -> Checksum? {
    guard let coverage, position > coverage.start else { return startChecksum }
    let index = index(behind: position) - 1
    return index >= 0 && events[index].position == position ? events[index].checksum : nil
  }

  /// The index of the first id behind a place.
  private func index(behind place: Position) -> Int {
    var (low, high) = (0, events.count)
    while low < high {
      let middle = (low + high) / 2
      if events[middle].position <= place { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Forgets everything.
  mutating func clear() { self = RawHistory(countLimit: countLimit) }

  /// From that place on all ids come, and those before it are never told.
  ///
  /// - Parameter checksum: what the totals consist of there; nil if that is not known.
  mutating func begin(at place: Position, _ checksum: Checksum?) {
    events = RingBuffer()
    coverage = (place, place)
    startChecksum = checksum
  }

  /// Ids came, of which the first one has that position.
  ///
  /// - Parameter start: what the totals consist of before the first; nil if that is not known.
  /// - Returns: those of them that are new, with their positions.
  mutating func append(_ ids: [ScoreID], firstPosition: Position, behind start: Checksum?) -> [Event] {
    let known = coverage?.end
    var checksum = start
    var new: [Event] = []
    for (index, id) in ids.enumerated() {
      let position = firstPosition + Position(index)
      let before = checksum
      checksum?.add(1, of: id.weight)
      if let known, position <= known { continue }
      guard position > 0 else { return [] }
      if coverage?.end != position - 1 { begin(at: position - 1, before) }
      let event = Event(position: position, id: id, checksum: checksum)
      events.append(event)
      coverage?.end = position
      new.append(event)
    }
    return new
  }

  /// A hub told what came after a place. It is of use if it reaches what is known here, and lies before it.
  ///
  /// - Parameters:
  ///   - told: in order.
  ///   - checksum: what the totals consist of at a place, if that is known.
  mutating func extend(from place: Position, with told: [Event], _ checksum: (Position) -> Checksum?) {
    let reached = max(place, told.last?.position ?? place)
    guard let known = coverage, place <= known.end else {
      begin(at: place, nil)
      for event in told { events.append(event) }
      coverage?.end = reached
      return setChecksums(before: events.count, from: checksum(reached))
    }
    guard place < known.start, reached >= known.start else { return }
    var joined = RingBuffer<Event>(minimumCapacity: told.count + events.count)
    for event in told where event.position <= known.start { joined.append(event) }
    let count = joined.count
    for index in 0..<events.count { joined.append(events[index]) }
    events = joined
    coverage?.start = place
    setChecksums(before: count, from: startChecksum)
  }

  /// Goes back over the first ids, as far as they follow each other.
  ///
  /// - Parameter end: what the totals consist of with the last of them.
  private mutating func setChecksums(before count: Int, from end: Checksum?) {
    var checksum = end
    for index in stride(from: count - 1, through: 0, by: -1) {
      let event = events[index]
      events[index].checksum = checksum
      let before = index > 0 ? events[index - 1].position : coverage?.start
      checksum = before == event.position - 1 ? checksum?.before([event.id]) : nil
    }
    startChecksum = checksum
  }

  /// The ids that came after a place, in order.
  ///
  /// - Precondition: it ``covers(_:)`` the place.
  func events(after place: Position) -> some Sequence<Event> {
    precondition(coverage.map { $0.start <= place && place <= $0.end } ?? false)
    return (index(behind: place)..<events.count).lazy.map { [events] in events[$0] }
  }

  /// Forgets what is too much. To be called when whoever asked has had an answer.
  mutating func trim() {
    while events.count > countLimit, let dropped = events.popFirst() {
      coverage?.start = dropped.position
      startChecksum = dropped.checksum
    }
  }
}

extension Checksum {
  /// What it was before increments of these ids.
  func before(_ ids: [ScoreID]) -> Checksum {
    var checksum = self
    for id in ids { checksum.subtract(1, of: id.weight) }
    return checksum
  }

  /// What it is behind increments of these ids.
  func behind(_ ids: [ScoreID]) -> Checksum {
    var checksum = self
    for id in ids { checksum.add(1, of: id.weight) }
    return checksum
  }
}
