import Glibc
import Primitives
import Testing

@testable import Reactor

@Suite("Threads")
struct LoopThreadTests {
  @Test("The body runs on a thread of its own with the given name")
  func name() throws {
    let loop = try EventLoop()
    let mailbox = try Mailbox<String>()
    var names: [String] = []
    try loop.receive(from: mailbox) { names += $0 }
    try LoopThread.start("worker-fifteen") {
      let file = unsafe open("/proc/thread-self/comm", O_RDONLY | O_CLOEXEC)
      defer { close(file) }
      var name = [UInt8](repeating: 0, count: 32)
      let count = unsafe read(file, &name, name.count)
      mailbox.post(String(decoding: name.prefix(max(0, count)), as: UTF8.self))
    }
    try loop.turn { !names.isEmpty }
    #expect(names == ["worker-fifteen\n"])
  }

  @Test(
    "A thread with its own descriptor table closes and opens descriptors only for itself")
  func ownDescriptors() throws {
    let loop = try EventLoop()
    let mailbox = try Mailbox<Bool>()
    var answers: [Bool] = []
    try loop.receive(from: mailbox) { answers += $0 }
    let file = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    try LoopThread.start("own", ownsDescriptors: true) { mailbox.post(close(file) == 0) }
    try loop.turn { !answers.isEmpty }
    #expect(answers == [true])
    #expect(fcntl(file, F_GETFD) >= 0)
  }

  @Test("Objects held by the body are released when it ends")
  func release() throws {
    final class Held: Sendable {
      let gone: Mailbox<Bool>
      init(_ gone: Mailbox<Bool>) { self.gone = gone }
      deinit { gone.post(true) }
    }
    let loop = try EventLoop()
    let mailbox = try Mailbox<Bool>()
    var isGone = false
    try loop.receive(from: mailbox) { _ in isGone = true }
    let start = { (held: Held) throws in try LoopThread.start("short") { _ = held } }
    _ = try start(Held(mailbox))
    try loop.turn { isGone }
  }
}
