import Primitives

/// The lines that wait to be written, in order, and the count of dropped lines.
///
/// Once a line finds no room, all following lines are dropped too, until everything that waits is written. So the
/// lines are missing in one run, and one notice in its place gives their number. A pure state machine: ``LogWriter``
/// drives it.
struct LogQueue: Sendable {
  /// The next text to write.
  enum Write: Equatable, Sendable {
    /// A line.
    case line(String)
    /// A notice that a number of lines was dropped.
    case notice(dropped: Int)
  }

  private let byteCountMaximum: Int
  private var lines = RingBuffer<String>()
  private var byteCount = 0
  private var isDropping = false
  /// The text that is being written.
  private var current: Write?
  /// True if the latest write failed: a notice would fail as well.
  private var isBroken = false
  /// Dropped lines that no notice has reported yet.
  private var unreportedCount = 0
  /// How many lines were dropped, or could not be written, since the start.
  private(set) var droppedCount: UInt64 = 0

  /// - Parameter byteCountMaximum: how many bytes may wait, without the line that is being written.
  init(byteCountMaximum: Int) {
    self.byteCountMaximum = byteCountMaximum
  }

  /// True if nothing waits and nothing is being written.
  var isIdle: Bool { current == nil && lines.isEmpty && !owesNotice }

  private var owesNotice: Bool { unreportedCount > 0 && !isBroken }

  /// Takes a line, or drops it.
  mutating func append(_ line: String) {
    let count = line.utf8.count
    guard !isDropping, byteCount + count <= byteCountMaximum else {
      isDropping = true
      return drop()
    }
    byteCount += count
    lines.append(line)
  }

  /// Takes the next text to write; nil if nothing waits. ``writeEnded(isWritten:)`` must follow.
  mutating func nextWrite() -> Write? {
    precondition(current == nil, "one write at a time")
    if let line = lines.popFirst() {
      byteCount -= line.utf8.count
      current = .line(line)
    } else {
      isDropping = false
      current = owesNotice ? .notice(dropped: unreportedCount) : nil
    }
    return current
  }

  /// The last text was written, or could not be.
  mutating func writeEnded(isWritten: Bool) {
    isBroken = !isWritten
    switch current {
    case .line where !isWritten: drop()
    case .notice(let dropped) where isWritten: unreportedCount -= dropped
    default: break
    }
    current = nil
  }

  private mutating func drop() {
    droppedCount += 1
    unreportedCount += 1
  }
}
