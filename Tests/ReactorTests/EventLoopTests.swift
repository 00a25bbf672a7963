import Glibc
import Primitives
import Testing

@testable import Reactor

@Suite("Descriptors on an event loop")
struct EventLoopTests {
  let loop: EventLoop

  init() throws { loop = try EventLoop() }

  @Test(
    "A handler is called while its descriptor is readable, with the token of its registration"
  )
  func readable() throws {
    let pair = try StreamPair()
    let recorder = ReadinessRecorder()
    _ = try loop.register(pair.near, for: .readable, handler: recorder, token: 7)
    loop.poll()
    #expect(recorder.tokens == [])
    pair.sendFromFar()
    loop.poll()
    loop.poll()
    #expect(recorder.tokens == [7, 7])
    #expect(recorder.last == .readable)
    #expect(received(from: pair.near).bytes == [1])
    loop.poll()
    #expect(recorder.tokens == [7, 7])
  }

  @Test("An edge-triggered descriptor is reported once for each change")
  func edgeTriggered() throws {
    let pair = try StreamPair()
    let recorder = ReadinessRecorder()
    _ = try loop.register(pair.near, for: [.readable, .writable, .edgeTriggered], handler: recorder)
    loop.poll()
    loop.poll()
    #expect(recorder.tokens.count == 1, "room to write, once")
    pair.sendFromFar()
    loop.poll()
    loop.poll()
    #expect(recorder.tokens.count == 2)
    #expect(recorder.last == [.readable, .writable])
    pair.sendFromFar()
    loop.poll()
    #expect(recorder.tokens.count == 3, "more bytes are a change, though the first were not read")
  }

  @Test("An edge-triggered writer is notified when a full socket has room again")
  func roomAgain() throws {
    let pair = try StreamPair()
    let recorder = ReadinessRecorder()
    _ = try loop.register(pair.near, for: [.writable, .edgeTriggered], handler: recorder)
    loop.poll()
    pair.fill()
    loop.poll()
    #expect(recorder.tokens.count == 1)
    #expect(!received(from: pair.far).bytes.isEmpty)
    loop.poll()
    #expect(recorder.tokens.count >= 2)
    #expect(recorder.last == .writable)
  }

  @Test("A changed interest takes effect, and an empty one is silent")
  func modify() throws {
    let pair = try StreamPair()
    let recorder = ReadinessRecorder()
    let registration = try loop.register(pair.near, for: [.readable, .writable], handler: recorder)
    pair.sendFromFar()
    loop.poll()
    #expect(recorder.last == [.readable, .writable])
    loop.modify(registration, of: pair.near, for: .readable)
    loop.poll()
    #expect(recorder.last == .readable)
    loop.modify(registration, of: pair.near, for: [])
    loop.poll()
    #expect(recorder.tokens.count == 2)
  }

  @Test("The end of the peer is reported, even without any interest")
  func hungUp() throws {
    let pair = try StreamPair()
    let recorder = ReadinessRecorder()
    _ = try loop.register(pair.near, for: .peerClosed, handler: recorder)
    loop.poll()
    #expect(recorder.tokens == [])
    pair.closeFar()
    loop.poll()
    #expect(recorder.last == [.peerClosed, .hungUp])
  }

  @Test("A handler deregistered by another one in the same turn does not get its fetched events")
  func deregisterWithinTurn() throws {
    let pairs = [try StreamPair(), try StreamPair()]
    var registrations: [EventLoop.Registration?] = []
    let recorder = ReadinessRecorder { [loop] token in
      guard let other = registrations[1 - token] else { return }
      registrations[1 - token] = nil
      loop.deregister(other, of: pairs[1 - token].near)
    }
    for (token, pair) in pairs.enumerated() {
      registrations.append(try loop.register(pair.near, for: .readable, handler: recorder, token: token))
      pair.sendFromFar()
    }
    loop.poll()
    loop.poll()
    #expect(recorder.tokens == [0, 0], "the one goes on, the other is out")
  }

  @Test("Events fetched for an ended registration do not reach its successor")
  func reusedPlace() throws {
    let (first, second, third) = (try StreamPair(), try StreamPair(), try StreamPair())
    let newcomer = ReadinessRecorder()
    var old: EventLoop.Registration?
    var new: EventLoop.Registration?
    let recorder = ReadinessRecorder { [loop] token in
      guard token == 0, new == nil, let ended = old else { return }
      loop.deregister(ended, of: second.near)
      new = try? loop.register(third.near, for: .readable, handler: newcomer)
    }
    _ = try loop.register(first.near, for: .readable, handler: recorder, token: 0)
    old = try loop.register(second.near, for: .readable, handler: recorder, token: 1)
    first.sendFromFar()
    second.sendFromFar()
    loop.poll()
    #expect(new?.index == old?.index)
    #expect(new != old)
    #expect(newcomer.tokens == [])
    third.sendFromFar()
    loop.poll()
    #expect(newcomer.tokens == [0])
  }

  @Test("A loop holds a handler until it is deregistered")
  func release() throws {
    let pair = try StreamPair()
    var recorder: ReadinessRecorder? = ReadinessRecorder()
    weak let observed = recorder
    let registration = try loop.register(pair.near, for: .readable, handler: #require(recorder))
    recorder = nil
    #expect(observed != nil)
    loop.deregister(registration, of: pair.near)
    #expect(observed == nil)
  }

  @Test("A descriptor that cannot be watched is refused, and its index is reused")
  func refusedDescriptor() throws {
    let recorder = ReadinessRecorder()
    #expect(throws: SystemError(call: "epoll_ctl", code: EBADF)) {
      _ = try loop.register(-1, for: .readable, handler: recorder)
    }
    let pair = try StreamPair()
    let registration = try loop.register(pair.near, for: .readable, handler: recorder, token: 3)
    #expect(registration.index == 0)
    pair.sendFromFar()
    loop.poll()
    #expect(recorder.tokens == [3])
  }

  @Test("More ready descriptors than fit one turn are all served in the next turns")
  func manyDescriptors() throws {
    let pairs = try (0..<150).map { _ in try StreamPair() }
    let recorder = ReadinessRecorder()
    for (index, number) in pairs.flatMap({ [$0.near, $0.far] }).enumerated() {
      _ = try loop.register(number, for: .writable, handler: recorder, token: index)
    }
    loop.poll()
    #expect(recorder.tokens.count == 256)
    loop.poll()
    #expect(Set(recorder.tokens) == Set(0..<300))
  }
}
