import Testing

@testable import Service

@Suite("The queue of lines")
struct LogQueueTests {
  /// Room for three lines of ten bytes.
  private var queue = LogQueue(byteCountMaximum: 30)

  private static func line(_ number: Int) -> String { "line 0000\(number)" }

  private mutating func append(_ numbers: ClosedRange<Int>) {
    for number in numbers { queue.append(Self.line(number)) }
  }

  /// Writes all waiting lines successfully.
  private mutating func drain() -> [LogQueue.Write] {
    var writes: [LogQueue.Write] = []
    while let write = queue.nextWrite() {
      writes.append(write)
      queue.writeEnded(isWritten: true)
    }
    return writes
  }

  @Test("Lines come out in their order, and then nothing waits")
  mutating func order() {
    #expect(queue.isIdle)
    append(1...3)
    #expect(!queue.isIdle)
    #expect(drain() == (1...3).map { .line(Self.line($0)) })
    #expect(queue.isIdle && queue.droppedCount == 0)
  }

  @Test("It is not idle while the last line is being written")
  mutating func writing() {
    append(1...1)
    _ = queue.nextWrite()
    #expect(!queue.isIdle)
    queue.writeEnded(isWritten: true)
    #expect(queue.isIdle)
  }

  @Test("A line without room is counted at once, and reported after the waiting ones")
  mutating func dropped() {
    append(1...5)
    #expect(queue.droppedCount == 2)
    #expect(drain() == (1...3).map { .line(Self.line($0)) } + [.notice(dropped: 2)])
    append(6...6)
    #expect(drain() == [.line(Self.line(6))])
    #expect(queue.droppedCount == 2)
  }

  @Test("After a drop no line is queued until all waiting ones are written: one run is missing")
  mutating func onePiece() {
    append(1...4)
    _ = queue.nextWrite()
    // There would be room now.
    append(5...5)
    queue.writeEnded(isWritten: true)
    #expect(queue.droppedCount == 2)
    #expect(drain() == [.line(Self.line(2)), .line(Self.line(3)), .notice(dropped: 2)])
  }

  @Test("Lines that arrive during the notice follow it, and further drops get a notice of their own")
  mutating func duringNotice() {
    append(1...4)
    for _ in 1...3 {
      _ = queue.nextWrite()
      queue.writeEnded(isWritten: true)
    }
    #expect(queue.nextWrite() == .notice(dropped: 1))
    append(5...8)
    queue.writeEnded(isWritten: true)
    #expect(drain() == (5...7).map { .line(Self.line($0)) } + [.notice(dropped: 1)])
    #expect(queue.droppedCount == 2)
  }

  @Test("A line longer than the queue is dropped and reported, and blocks no other")
  mutating func tooLong() {
    queue.append(String(repeating: "x", count: 31))
    #expect(!queue.isIdle)
    #expect(drain() == [.notice(dropped: 1)])
    append(1...1)
    #expect(drain() == [.line(Self.line(1))])
  }

  @Test("A line that cannot be written counts as dropped, and is reported once a line can be written again")
  mutating func failing() {
    append(1...2)
    for _ in 1...2 {
      _ = queue.nextWrite()
      queue.writeEnded(isWritten: false)
    }
    #expect(queue.droppedCount == 2)
    // No notice now: it would fail as well, again and again.
    #expect(queue.nextWrite() == nil)
    #expect(queue.isIdle)
    append(3...3)
    #expect(drain() == [.line(Self.line(3)), .notice(dropped: 2)])
  }

  @Test("A notice that cannot be written is sent later, with all further drops")
  mutating func failingNotice() {
    append(1...4)
    for _ in 1...3 {
      _ = queue.nextWrite()
      queue.writeEnded(isWritten: true)
    }
    #expect(queue.nextWrite() == .notice(dropped: 1))
    queue.writeEnded(isWritten: false)
    #expect(queue.nextWrite() == nil)
    append(5...5)
    #expect(drain() == [.line(Self.line(5)), .notice(dropped: 1)])
    #expect(queue.droppedCount == 1)
  }
}
