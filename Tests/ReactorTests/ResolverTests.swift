import Glibc
import Primitives
import Synchronization
import Testing

@testable import Reactor

@Suite("The resolver")
struct ResolverTests {
  let loop: EventLoop
  let resolver: Resolver

  init() throws {
    loop = try EventLoop()
    resolver = try Resolver(on: loop)
  }

  /// No name server can be asked for this: a label has at most 63 bytes (RFC 1035).
  private let impossible = String(repeating: "a", count: 64)

  @Test("A numeric address is resolved at once", arguments: ["127.0.0.1", "::1"])
  func numeric(host: String) throws {
    var result: Result<[SocketAddress], ResolutionError>?
    resolver.resolve(host: host, port: 8001) { result = $0 }
    let expected = try #require(SocketAddress(numericHost: host, port: 8001))
    #expect(result == .success([expected]))
  }

  @Test("A name is looked up on another thread, and the answer arrives on the loop, in a later turn")
  func name() throws {
    var result: Result<[SocketAddress], ResolutionError>?
    resolver.resolve(host: "localhost", port: 8001) { result = $0 }
    #expect(result == nil)
    try loop.turn { result != nil }
    let addresses = try #require(try result?.get())
    #expect(!addresses.isEmpty)
    #expect(addresses.allSatisfy { ["127.0.0.1:8001", "[::1]:8001"].contains($0.description) })
    #expect(Set(addresses).count == addresses.count, "each once")
  }

  @Test("A name that cannot be resolved is an error that names it")
  func unknown() throws {
    var result: Result<[SocketAddress], ResolutionError>?
    resolver.resolve(host: impossible, port: 1) { result = $0 }
    try loop.turn { result != nil }
    guard case .failure(let error) = result else {
      Issue.record("it was resolved")
      return
    }
    #expect(error.host == impossible)
    #expect(error.description.hasPrefix("\(impossible): "))
    #expect(!error.reason.isEmpty)
  }

  @Test("Several simultaneous look-ups each get their own answer")
  func several() throws {
    var answers: [UInt16: Bool] = [:]
    for port: UInt16 in 1...6 {
      let host = port.isMultiple(of: 2) ? impossible : "localhost"
      resolver.resolve(host: host, port: port) { result in
        let addresses = (try? result.get()) ?? []
        #expect(addresses.allSatisfy { $0.port == port })
        answers[port] = !addresses.isEmpty
      }
    }
    try loop.turn { answers.count == 6 }
    #expect(answers == [1: true, 2: false, 3: true, 4: false, 5: true, 6: false])
  }

  @Test("A callback may start the next look-up")
  func chained() throws {
    var isDone = false
    resolver.resolve(host: "localhost", port: 1) { [resolver] _ in
      resolver.resolve(host: "localhost", port: 2) { _ in isDone = true }
    }
    try loop.turn { isDone }
  }

  /// Answers from a test, each for one look-up.
  private final class SlowNames: Sendable {
    private let answers = Mutex<[[SocketAddress]]>([])
    private let count = Mutex(0)

    /// How many look-ups have begun.
    var begun: Int { count.withLock { $0 } }

    func answer(_ addresses: [SocketAddress]) { answers.withLock { $0.append(addresses) } }

    /// Waits for an answer, as `getaddrinfo` does.
    func lookUp() -> [SocketAddress] {
      count.withLock { $0 += 1 }
      while true {
        if let answer = answers.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return answer }
        usleep(1_000)
      }
    }
  }

  @Test("A late answer is an error for its request, and serves the next one")
  func overdue() throws {
    let names = SlowNames()
    let resolver = try Resolver(on: loop) { _ in names.lookUp() }
    var result: Result<[SocketAddress], ResolutionError>?
    resolver.resolve(host: "slow.example", port: 1, within: .milliseconds(30)) { result = $0 }
    try loop.turn { result != nil }
    guard case .failure(let error) = result else {
      Issue.record("it was resolved")
      return
    }
    #expect(error.isOverdue && error.description == "slow.example: no answer within 0.03 seconds")

    names.answer([try #require(SocketAddress(numericHost: "192.0.2.1", port: 0))])
    let expected = try #require(SocketAddress(numericHost: "192.0.2.1", port: 2))
    // The request may join the look-up or follow its answer: there is no other look-up.
    result = nil
    resolver.resolve(host: "slow.example", port: 2) { result = $0 }
    try loop.turn { result != nil }
    #expect(result == .success([expected]))
    #expect(names.begun == 1)
  }

  @Test("Two requests for one name share a look-up, each with its port; a withdrawn one is not called")
  func shared() throws {
    let names = SlowNames()
    let resolver = try Resolver(on: loop) { _ in names.lookUp() }
    var ports: [UInt16] = []
    for port: UInt16 in [1, 2, 3] {
      let request = resolver.resolve(host: "slow.example", port: port) { result in
        ports += ((try? result.get()) ?? []).map(\.port)
      }
      if port == 2, let request { resolver.withdraw(request) }
    }
    names.answer([try #require(SocketAddress(numericHost: "::1", port: 0))])
    try loop.turn { ports.count == 2 }
    #expect(ports == [1, 3])
    #expect(names.begun == 1)
  }
}
