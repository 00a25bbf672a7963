import Primitives

/// The latest raw ids of a lineage with their positions, without a gap: the missed ids of a client of raw that
/// resumes.
///
/// It covers a range of positions, and knows every id in it. Where something was lost, or a position jumps (a repair,
/// whose ids have no order), it starts over; then a hub is asked, which remembers more.
struct RawHistory: Sendable {
  /// One id and its position.
  struct Event: Equatable, Sendable {
    /// The position that the id reaches.
    let position: Position
    let id: ScoreID
    /// The checksum of the totals including this id; nil if that is not known.
    var checksum: Checksum?
  }

  /// How many ids are kept.
  static let maximumCount = 65_536

  private let countLimit: Int
  private var events = RingBuffer<Event>()
  private var coverage: (start: Position, end: Position)?
  /// The checksum of the totals at the start of the range.
  private var startChecksum: Checksum?

  /// An empty history.
  init(countLimit: Int = Self.maximumCount) { self.countLimit = countLimit }

  /// The end of the range; nil while it is empty.
  var end: Position? { coverage?.end }

  /// The end of the range as a place; nil while it is empty.
  func place(in lineage: Lineage) -> ResumeToken? {
    coverage.map { ResumeToken(lineage: lineage, position: $0.end, check: checksum(at: $0.end)?.check) }
  }

  /// Whether it knows all ids after a place, and the totals there match the place's check.
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

  /// The index of the first id after a position.
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

  /// Begins a range: ids after this place will be appended, earlier ones never.
  ///
  /// - Parameter checksum: the checksum of the totals there; nil if that is not known.
  mutating func begin(at place: Position, _ checksum: Checksum?) {
    events = RingBuffer()
    coverage = (place, place)
    startChecksum = checksum
  }

  /// Ids arrived, the first of them at a given position.
  ///
  /// - Parameter start: the checksum of the totals before the first; nil if that is not known.
  /// - Returns: the new ones among them, with their positions.
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

  /// A hub listed the ids after a place. The list extends the range backwards if it reaches the range and begins
  /// before it.
  ///
  /// - Parameters:
  ///   - answered: the ids, in order.
  ///   - checksum: the checksum of the totals at a position, if that is known.
  mutating func extend(from place: Position, with answered: [Event], _ checksum: (Position) -> Checksum?) {
    let reached = max(place, answered.last?.position ?? place)
    guard let known = coverage, place <= known.end else {
      begin(at: place, nil)
      for event in answered { events.append(event) }
      coverage?.end = reached
      return setChecksums(before: events.count, from: checksum(reached))
    }
    guard place < known.start, reached >= known.start else { return }
    var joined = RingBuffer<Event>(minimumCapacity: answered.count + events.count)
    for event in answered where event.position <= known.start { joined.append(event) }
    let count = joined.count
    for index in 0..<events.count { joined.append(events[index]) }
    events = joined
    coverage?.start = place
    setChecksums(before: count, from: startChecksum)
  }

  /// Computes the checksums of the first ids backwards, as far as their positions are consecutive.
  ///
  /// - Parameter end: the checksum including the last of them.
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

  /// The ids after a place, in order.
  ///
  /// - Precondition: ``covers(_:)`` is true for the place.
  func events(after place: Position) -> some Sequence<Event> {
    precondition(coverage.map { $0.start <= place && place <= $0.end } ?? false)
    return (index(behind: place)..<events.count).lazy.map { [events] in events[$0] }
  }

  /// Drops ids beyond the limit. To be called once all resuming clients have been answered.
  mutating func trim() {
    while events.count > countLimit, let dropped = events.popFirst() {
      coverage?.start = dropped.position
      startChecksum = dropped.checksum
    }
  }
}

extension Checksum {
  /// The checksum before increments of these ids.
  func before(_ ids: [ScoreID]) -> Checksum {
    var checksum = self
    for id in ids { checksum.subtract(1, of: id.weight) }
    return checksum
  }

  /// The checksum after increments of these ids.
  func behind(_ ids: [ScoreID]) -> Checksum {
    var checksum = self
    for id in ids { checksum.add(1, of: id.weight) }
    return checksum
  }
}
