import Primitives
import Reactor

/// A relay between edges and a hub that can be interrupted.
///
/// It replaces the hub's address, and passes on every byte while nothing is wrong.
final class LinkRelay: Sendable {
  enum State: Sendable {
    /// Everything passes.
    case whole
    /// Connections are closed, and so are new ones.
    case severed
    /// Connections stay open and are accepted, but nothing passes, not even their ends. Data in transit arrives
    /// later.
    case silent
  }

  let port: UInt16
  private let mailbox: Mailbox<State?>

  /// - Parameters:
  ///   - target: the port of this machine that gets all connections.
  ///   - heard: told, on the relay's thread, what the target sent, and over which connection; nil for nobody.
  init(to target: UInt16, heard: (@Sendable (Int, [UInt8]) -> Void)? = nil) throws {
    port = try TestRun.freePort()
    mailbox = try Mailbox()
    try LoopThread.start("test-relay") { [mailbox, port] in
      do {
        let loop = try EventLoop()
        let exchange = try RelayExchange(on: loop, from: port, to: .loopback(target), heard: heard)
        try loop.receive(from: mailbox) { states in
          for state in states {
            if let state { exchange.enter(state) } else { loop.stop() }
          }
        }
        withExtendedLifetime(exchange) { loop.run() }
      } catch {
        preconditionFailure("the relay cannot start: \(error)")
      }
    }
    let address = try SocketAddress.loopback(port)
    try wait(for: "the relay") { (try? BlockingSocket(address)) != nil }
  }

  deinit { mailbox.post(nil) }

  /// Interrupts the relay, or repairs it.
  func enter(_ state: State) { mailbox.post(state) }
}

/// All connections of a relay, on its loop.
private final class RelayExchange {
  private let loop: EventLoop
  private let target: SocketAddress
  private let heard: ((Int, [UInt8]) -> Void)?
  private var state = LinkRelay.State.whole
  private var listener: Listener?
  private var pairs: [Int: RelayPair] = [:]
  private var count = 0

  init(
    on loop: EventLoop, from port: UInt16, to target: SocketAddress, heard: ((Int, [UInt8]) -> Void)?
  ) throws {
    self.loop = loop
    self.target = target
    self.heard = heard
    listener = try Listener(
      ListeningSocket(on: .loopback(port)), on: loop, accepted: { [unowned self] in accepted($0, $1) },
      acceptFailed: { _ in })
  }

  private func accepted(_ descriptor: consuming FileDescriptor, _ peer: SocketAddress?) {
    guard state != .severed, let other = try? Socket.make(for: target),
      (try? Socket.connect(other.number, to: target)) != nil
    else { return }
    count += 1
    let number = count
    let pair = RelayPair(
      descriptor, other, on: loop, heard: { [heard] in heard?(number, $0) },
      closed: { [unowned self] in pairs[number] = nil })
    pairs[number] = pair
    if state == .whole { pair.open() }
  }

  func enter(_ state: LinkRelay.State) {
    self.state = state
    for pair in pairs.values {
      switch state {
      case .whole: pair.open()
      case .severed: pair.close()
      case .silent: pair.shut()
      }
    }
  }
}

/// Two connections, each of which gets what the other one sends.
private final class RelayPair: ReadinessHandler {
  /// Bytes that were read from one end for the other.
  private struct Way {
    var bytes: [UInt8] = []
    var sent = 0
    var isEmpty: Bool { sent == bytes.count }
  }

  private let loop: EventLoop
  private let heard: ([UInt8]) -> Void
  private let closed: () -> Void
  private let ends: [End]
  /// The direction from the end with the same index.
  private var ways = [Way(), Way()]
  private var registrations: [EventLoop.Registration] = []
  private var buffer = [UInt8](repeating: 0, count: 64 * 1024)

  private final class End {
    let descriptor: FileDescriptor
    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
    var number: Int32 { descriptor.number }
  }

  init(
    _ near: consuming FileDescriptor, _ far: consuming FileDescriptor, on loop: EventLoop,
    heard: @escaping ([UInt8]) -> Void, closed: @escaping () -> Void
  ) {
    ends = [End(near), End(far)]
    for end in ends { Socket.disableNagle(end.number) }
    self.loop = loop
    self.heard = heard
    self.closed = closed
  }

  /// Lets everything pass.
  func open() {
    guard registrations.isEmpty else { return }
    do {
      for index in ends.indices {
        registrations.append(
          try loop.register(ends[index].number, for: .readable, handler: self, token: index))
      }
    } catch {
      close()
    }
  }

  /// Lets nothing pass.
  func shut() {
    for (end, registration) in zip(ends, registrations) { loop.deregister(registration, of: end.number) }
    registrations = []
  }

  func close() {
    shut()
    closed()
  }

  func descriptorReady(_ readiness: Readiness, token index: Int) {
    if readiness.contains(.writable), !flush(from: 1 - index) { return close() }
    if !readiness.isDisjoint(with: [.readable, .hungUp, .failed]), !read(at: index) { return close() }
    for index in ends.indices {
      var interest: Readiness = ways[index].isEmpty ? .readable : []
      if !ways[1 - index].isEmpty { interest.insert(.writable) }
      loop.modify(registrations[index], of: ends[index].number, for: interest)
    }
  }

  /// Reads from one end for the other. Returns false if that end has closed.
  private func read(at index: Int) -> Bool {
    guard ways[index].isEmpty else { return true }
    switch unsafe buffer.withUnsafeMutableBytes({
      unsafe Socket.receive(ends[index].number, into: $0)
    }) {
    case .moved(let count):
      ways[index] = Way(bytes: Array(buffer[..<count]))
      if index == 1 { heard(ways[index].bytes) }
      return flush(from: index)
    case .wouldBlock: return true
    case .ended, .failed: return false
    }
  }

  /// Writes the bytes from one end to the other, as far as they fit. Returns false if the other one is gone.
  private func flush(from index: Int) -> Bool {
    while !ways[index].isEmpty {
      switch Socket.send(ends[1 - index].number, ways[index].bytes, from: ways[index].sent) {
      case .moved(let count): ways[index].sent += count
      case .wouldBlock, .ended: return true
      case .failed: return false
      }
    }
    return true
  }
}
