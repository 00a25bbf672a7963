import Primitives
import Testing

@testable import Reactor

@Suite("A mailbox between threads")
struct MailboxTests {
  @Test(
    "Messages posted before the loop listened, or between two turns, arrive at once and in order"
  )
  func batch() throws {
    let loop = try EventLoop()
    let mailbox = try Mailbox<Int>()
    var batches: [[Int]] = []
    mailbox.post(1)
    try loop.receive(from: mailbox) { batches.append($0) }
    mailbox.post(2)
    mailbox.post(3)
    loop.poll()
    loop.poll()
    #expect(batches == [[1, 2, 3]])
    mailbox.post(4)
    loop.poll()
    #expect(batches == [[1, 2, 3], [4]])
  }

  @Test("A message posted while others are taken out wakes the loop again")
  func postsWhileReceiving() throws {
    let loop = try EventLoop()
    let mailbox = try Mailbox<Int>()
    var batches: [[Int]] = []
    try loop.receive(from: mailbox) { batch in
      batches.append(batch)
      if let last = batch.last, last < 3 { mailbox.post(last + 1) }
    }
    mailbox.post(1)
    try loop.turn { batches == [[1], [2], [3]] }
  }

  @Test(
    "Messages of several threads all arrive, in the order of each thread, and each post wakes a waiting loop")
  func threads() throws {
    struct Message: Sendable {
      let thread: Int
      let number: Int
    }
    let loop = try EventLoop()
    let mailbox = try Mailbox<Message>()
    var received: [[Int]] = Array(repeating: [], count: 4)
    try loop.receive(from: mailbox) { for message in $0 { received[message.thread].append(message.number) } }
    for thread in 0..<4 {
      try LoopThread.start("poster") {
        for number in 0..<20_000 {
          mailbox.post(Message(thread: thread, number: number))
          // Time for the loop to empty the box: only then must a post wake it.
          let end = MonotonicClock.now().advanced(by: .microseconds(thread * 2))
          while MonotonicClock.now() < end {}
        }
      }
    }
    // A missed wake-up leaves the loop asleep, and the wait overdue.
    try loop.turn { received.allSatisfy { $0.count == 20_000 } }
    #expect(received == Array(repeating: Array(0..<20_000), count: 4))
  }

  @Test("Two loops that answer each other never sleep over a message")
  func pingPong() throws {
    let loop = try EventLoop()
    let (there, back) = (try Mailbox<Int>(), try Mailbox<Int>())
    let rounds = 2_000
    try LoopThread.start("echo") {
      guard let loop = try? EventLoop() else { return }
      try? loop.receive(from: there) { batch in
        for number in batch { back.post(number) }
        if batch.contains(rounds) { loop.stop() }
      }
      loop.run()
    }
    var last = 0
    try loop.receive(from: back) { batch in
      for number in batch {
        #expect(number == last + 1)
        last = number
        if number < rounds { there.post(number + 1) }
      }
    }
    there.post(1)
    try loop.turn { last == rounds }
  }

  @Test("A loop releases its mailboxes when it ends")
  func release() throws {
    final class Held {}
    var loop: EventLoop? = try EventLoop()
    let mailbox = try Mailbox<Int>()
    var held: Held? = Held()
    weak let observed = held
    try loop?.receive(from: mailbox) { [held] _ in _ = held }
    held = nil
    #expect(observed != nil)
    loop = nil
    #expect(observed == nil)
  }

  @Test("A mailbox whose loop has stopped ends the process when it overflows, not before")
  func overflow() async {
    await #expect(processExitsWith: .success) {
      let mailbox = try Mailbox<Int>(capacity: 2)
      for number in 1...2 { mailbox.post(number) }
    }
    await #expect(processExitsWith: .failure) {
      let mailbox = try Mailbox<Int>(capacity: 2)
      for number in 1...3 { mailbox.post(number) }
    }
  }
}
