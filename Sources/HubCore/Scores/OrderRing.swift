import Primitives

/// The last increments in their order, to answer questions about the past: which ids came after a position, and what
/// the totals were at it.
///
/// It holds the dense index of each increment's id, four bytes, in a ring: the *sequence* of an increment is the
/// number of increments before it. Positions are not stored one by one. They are consecutive except where increments
/// were missed, so a list of **runs** gives the beginning of each stretch of increments in both counts, and the
/// growth of totals (a *repair*) between it and the previous run:
///
/// ```
///   sequence        0 1 2 3 4 5           6 7 8 …
///   position    100 ● ● ● ● ● ● 106 ▒▒▒▒▒ 150 ● ● ● …        run 0: from sequence 0, position 100
///                                 repair of 44                run 1: from sequence 6, position 150
/// ```
///
/// The increments between 106 and 150 have no order, and the totals between these positions are not known.
///
/// Appending takes constant time. Memory: 4 bytes for each increment up to the capacity (4 MiB), and at most as much
/// again for repairs; whatever would exceed that ends the window.
struct OrderRing: Sendable {
  /// How many repaired totals are remembered, with 16 bytes each.
  static let repairsMaximum = 262_144

  /// The growth of one total in a repair.
  struct Repair: Equatable, Sendable {
    let index: UInt32
    let growth: UInt64
  }

  private struct Run {
    /// The sequence of the first increment.
    var sequence: UInt64
    /// The position before it.
    var position: Position
    /// The growth between the end of the previous run and the beginning of this one.
    var repairs: [Repair]
    /// What the run counts towards ``repairsMaximum``.
    var weight: Int { 1 + repairs.count }
  }

  private enum Hold {
    /// After all increments.
    case end
    /// Before the increment with this sequence.
    case before(UInt64)
    /// Before the window, which has moved on since.
    case beforeWindow
  }

  /// A known position.
  private struct Place {
    let run: Int
    /// How many increments precede it.
    let sequence: UInt64
  }

  private let capacity: Int
  private let repairsMaximum: Int
  private var indices: [UInt32] = []
  /// How many increments were appended so far.
  private var end: UInt64 = 0
  private var runs = [Run(sequence: 0, position: 0, repairs: [])]
  /// The place where the next repair belongs.
  private var hold = Hold.end

  /// An empty ring at position 0.
  ///
  /// - Parameter capacity: how many increments are remembered; a power of two.
  init(capacity: Int, repairsMaximum: Int = Self.repairsMaximum) {
    precondition(capacity > 0 && capacity & (capacity - 1) == 0, "a mask stands for the division")
    self.capacity = capacity
    self.repairsMaximum = repairsMaximum
  }

  /// The position reached so far.
  var position: Position { runs[runs.count - 1].position + (end - runs[runs.count - 1].sequence) }

  /// How many increments are remembered.
  var count: Int { Int(end - beginning) }

  /// The oldest sequence that is still remembered.
  private var beginning: UInt64 { max(runs[0].sequence, end > UInt64(capacity) ? end - UInt64(capacity) : 0) }

  // MARK: What happens

  /// Appends an increment of the id with this index. If it is not at the next position, the window begins after it.
  mutating func append(_ index: Int, reaching next: Position) {
    guard next == position + 1 else { return cut(to: next) }
    if indices.count < capacity {
      indices.append(UInt32(truncatingIfNeeded: index))
    } else {
      indices[slot(end)] = UInt32(truncatingIfNeeded: index)
    }
    end += 1
  }

  /// An increment came that cannot be recorded: the window begins here.
  mutating func cut(to position: Position) {
    if case .before = hold { hold = .beforeWindow }
    runs = [Run(sequence: end, position: position, repairs: [])]
  }

  /// Another history begins, with an empty window.
  mutating func restart(at position: Position) {
    indices.removeAll(keepingCapacity: true)
    end = 0
    hold = .end
    cut(to: position)
  }

  /// The next fence's repair belongs here, whatever arrives before that fence.
  mutating func holdRepairs() {
    if case .end = hold { hold = .before(end) }
  }

  /// Totals grew by missed increments, or by nothing.
  ///
  /// - Parameters:
  ///   - position: the present position, including the growth and everything since.
  ///   - areMoreToCome: whether another fence may find more that was missed at the same place.
  mutating func repaired(_ repairs: [Repair], reaching position: Position, areMoreToCome: Bool = false) {
    defer { if !areMoreToCome { hold = .end } }
    guard position > self.position else { return }
    switch hold {
    case .end: runs.append(Run(sequence: end, position: position, repairs: repairs))
    case .before(let sequence):
      runs.append(Run(sequence: sequence, position: position - (end - sequence), repairs: repairs))
    case .beforeWindow: runs[0].position += position - self.position
    }
    prune()
  }

  /// Forgets runs that end before the window, and the oldest ones beyond the limit.
  private mutating func prune() {
    var weight = runs.reduce(0) { $0 + $1.weight }
    var count = 0
    while count + 1 < runs.count, runs[count + 1].sequence < beginning || weight > repairsMaximum {
      weight -= runs[count].weight
      count += 1
    }
    runs.removeFirst(count)
  }

  // MARK: What is known

  /// True if the totals at a position are known.
  func knows(_ position: Position) -> Bool { place(of: position) != nil }

  /// Goes back to one position after the other.
  ///
  /// - Parameters:
  ///   - positions: known ones, the greatest first.
  ///   - totals: all present totals, by index.
  ///   - body: receives each position, and the totals at it.
  func rewind(to positions: [Position], from totals: [UInt64], _ body: (Position, [UInt64]) -> Void) {
    var totals = totals
    var sequence = end
    var run = runs.count - 1
    for position in positions {
      guard let place = place(of: position) else { continue }
      while run > place.run {
        rewind(&totals, from: &sequence, to: runs[run].sequence)
        for repair in runs[run].repairs { totals[Int(repair.index)] -= repair.growth }
        run -= 1
      }
      rewind(&totals, from: &sequence, to: place.sequence)
      body(position, totals)
    }
  }

  /// The ids after a position, by index, in runs of consecutive positions.
  ///
  /// - Returns: each run with the position of its first id; nil if the position is not known, or there are more ids
  ///   than the limit.
  func order(after position: Position, limit: Int) -> [(firstPosition: Position, indices: [Int])]? {
    guard let place = place(of: position), end - place.sequence <= UInt64(limit) else { return nil }
    var stretches: [(firstPosition: Position, indices: [Int])] = []
    for run in place.run..<runs.count {
      let first = max(runs[run].sequence, place.sequence)
      let last = run + 1 < runs.count ? runs[run + 1].sequence : end
      guard first < last else { continue }
      stretches.append(
        (runs[run].position + (first - runs[run].sequence) + 1, (first..<last).map { Int(indices[slot($0)]) })
      )
    }
    return stretches
  }

  private func place(of position: Position) -> Place? {
    guard let run = runs.lastIndex(where: { $0.position <= position }) else { return nil }
    let sequence = runs[run].sequence + (position - runs[run].position)
    let last = run + 1 < runs.count ? runs[run + 1].sequence : end
    guard sequence <= last, sequence >= beginning else { return nil }
    return Place(run: run, sequence: sequence)
  }

  private func rewind(_ totals: inout [UInt64], from sequence: inout UInt64, to target: UInt64) {
    while sequence > target {
      sequence -= 1
      totals[Int(indices[slot(sequence)])] -= 1
    }
  }

  private func slot(_ sequence: UInt64) -> Int { Int(truncatingIfNeeded: sequence) & (capacity - 1) }
}
