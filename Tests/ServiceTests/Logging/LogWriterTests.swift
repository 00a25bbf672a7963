import Glibc
import TestSupport
import Testing

@testable import Service

@Suite("A log whose stream accepts nothing", .timeLimit(.minutes(1)))
struct LogWriterTests {
  private let pipe = UnreadPipe()
  private let writer: LogWriter

  init() {
    writer = LogWriter(to: pipe.writing, byteCountMaximum: 1_000) { "\($0) dropped\n" }
  }

  private func append(_ numbers: ClosedRange<Int>) {
    for number in numbers { writer.append("line \(number)\n") }
  }

  @Test("Logging never waits, and waiting lines are written in order as soon as the pipe is read")
  func order() {
    let start = ContinuousClock.now
    append(1...50)
    #expect(ContinuousClock.now - start < .seconds(1))
    let text = pipe.read()
    let dots = String(repeating: ".", count: pipe.fillCount)
    #expect(text == dots + (1...50).map { "line \($0)\n" }.joined())
    #expect(writer.droppedCount == 0)
  }

  @Test("Lines without room are dropped and counted; one line gives their number, and the log continues")
  func dropping() throws {
    append(1...1_000)
    let dropped = writer.droppedCount
    #expect(dropped > 800 && dropped < 1_000)
    let lines = pipe.read().drop { $0 == "." }.split(separator: "\n")
    let kept = 1_000 - Int(dropped)
    #expect(lines == (1...kept).map { "line \($0)" } + ["\(dropped) dropped"])
    append(1...3)
    #expect(pipe.read() == "line 1\nline 2\nline 3\n")
    #expect(writer.droppedCount == dropped)
  }

  @Test("A flush waits no longer than its limit, and not at all if nothing is left")
  func flush() {
    append(1...5)
    var start = ContinuousClock.now
    writer.flush(within: .milliseconds(300))
    #expect((.milliseconds(290) ... .seconds(5)).contains(ContinuousClock.now - start))
    _ = pipe.read()
    start = ContinuousClock.now
    writer.flush(within: .seconds(30))
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test("A flush writes everything that the stream accepts")
  func flushed() throws {
    _ = pipe.read()
    append(1...60)
    writer.flush(within: .seconds(30))
    #expect(pipe.read(untilSilentFor: 0) == (1...60).map { "line \($0)\n" }.joined())
  }

  @Test("A transient text is dropped if it would have to wait, and is not counted")
  func transient() {
    append(1...1)
    for _ in 1...1_000 { writer.appendIfIdle("progress\n") }
    #expect(pipe.read().drop { $0 == "." } == "line 1\n")
    writer.flush(within: .seconds(30))
    writer.appendIfIdle("progress\n")
    #expect(pipe.read() == "progress\n")
    #expect(writer.droppedCount == 0)
  }

  @Test("A stream made non-blocking by another process loses nothing")
  func nonBlocking() {
    #expect(fcntl(pipe.writing, F_SETFL, fcntl(pipe.writing, F_GETFL) | O_NONBLOCK) == 0)
    append(1...50)
    #expect(pipe.read().drop { $0 == "." } == (1...50).map { "line \($0)\n" }.joined()[...])
    #expect(writer.droppedCount == 0)
  }

  @Test("A closed stream loses only its lines, which are counted")
  func closed() throws {
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [-1, -1]
    try #require(unsafe Glibc.pipe(&ends) == 0)
    let (reading, writing) = (ends[0], ends[1])
    defer { close(writing) }
    close(reading)
    let writer = LogWriter(to: writing) { "\($0) dropped\n" }
    for _ in 1...5 { writer.append("line\n") }
    writer.flush(within: .seconds(30))
    #expect(writer.droppedCount == 5)
  }
}
