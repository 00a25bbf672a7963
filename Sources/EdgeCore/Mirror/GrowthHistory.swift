import Primitives

/// The recent growth of the totals of one lineage, flush by flush: a client that resumes missed the growth since its
/// place.
///
/// It knows exactly the places at which a flush ended here. It is limited in age and in bytes; older places are
/// forgotten.
struct GrowthHistory: Sendable {
  /// The growth of one id.
  struct Change: Equatable, Sendable {
    /// The id's index in the table of totals.
    let index: UInt32
    let amount: UInt64
  }

  private struct Step: Sendable {
    /// The position that the step reaches.
    let position: Position
    /// The check of the totals there.
    let check: UInt32?
    let changes: [Change]
  }

  private struct Mark: Sendable {
    let time: Instant
    let position: Position
  }

  static let maximumAge = Duration.seconds(120)
  static let maximumBytes = 32 << 20

  private let byteLimit: Int
  private var steps = RingBuffer<Step>()
  private var marks = RingBuffer<Mark>()
  private var byteCount = 0

  /// The earliest known position.
  private(set) var start: Position
  private var startCheck: UInt32?
  /// The latest known position.
  var end: Position { steps.last?.position ?? start }

  /// A history that begins at a place.
  ///
  /// - Parameter check: the check of the totals there.
  init(start: Position, check: UInt32?, byteLimit: Int = Self.maximumBytes) {
    self.start = start
    startCheck = check
    self.byteLimit = byteLimit
  }

  /// The totals grew and reached a position.
  mutating func append(_ changes: [Change], reaching position: Position, check: UInt32?) {
    steps.append(Step(position: max(position, end), check: check, changes: changes))
    byteCount += Self.cost(of: changes)
    while byteCount > byteLimit, steps.count > 1 { dropFirst() }
  }

  /// Forgets old steps. To be called about every second, which is the resolution of ages.
  mutating func age(at now: Instant) {
    if marks.last?.position != end { marks.append(Mark(time: now, position: end)) }
    while let mark = marks.first, mark.time.advanced(by: Self.maximumAge) < now {
      marks.popFirst()
      while let step = steps.first, step.position <= mark.position { dropFirst(step) }
    }
  }

  /// Sums the growth between each of some places and a later one, in one walk for all of them.
  ///
  /// - Parameters:
  ///   - places: the latest one first.
  ///   - end: a known position.
  ///   - idCount: the number of ids.
  ///   - body: receives each known place, the check of its totals, and the growth since.
  func walkBack(
    to places: [Position], from end: Position, idCount: Int, _ body: (Position, UInt32?, [Change]) -> Void
  ) {
    guard !places.isEmpty else { return }
    var amounts = [UInt64](repeating: 0, count: idCount)
    var grown = DenseIndexSet()
    var index = steps.count
    while index > 0, steps[index - 1].position > end { index -= 1 }
    for place in places where place <= end {
      while index > 0, steps[index - 1].position > place {
        index -= 1
        for change in steps[index].changes {
          amounts[Int(change.index)] += change.amount
          grown.insert(Int(change.index))
        }
      }
      guard place == (index > 0 ? steps[index - 1].position : start) else { continue }
      body(
        place, index > 0 ? steps[index - 1].check : startCheck,
        grown.members.map { Change(index: UInt32($0), amount: amounts[$0]) })
    }
  }

  private mutating func dropFirst() {
    guard let step = steps.first else { return }
    dropFirst(step)
  }

  private mutating func dropFirst(_ step: Step) {
    steps.popFirst()
    byteCount -= Self.cost(of: step.changes)
    start = step.position
    startCheck = step.check
  }

  /// The cost of keeping a step, in bytes.
  private static func cost(of changes: [Change]) -> Int {
    64 + changes.count * MemoryLayout<Change>.stride
  }
}
