import Foundation
import Primitives
import Reactor
import Synchronization
import Testing

extension IntegrationTests {
  @Suite("A takeover", .patient)
  struct TakeoverTests {
    /// A client that connects every 5 ms on a thread of its own, asks for a stream, and leaves once it has its first
    /// byte.
    private final class Reconnector: Sendable {
      private struct State {
        var isStopping = false
        var isStopped = false
        var served = 0
        var failures: [String] = []
      }
      private let state = Mutex(State())

      init(_ address: SocketAddress) throws {
        try LoopThread.start("knocker") { [self] in
          while !state.withLock({ $0.isStopping }) {
            do {
              let socket = try BlockingSocket(address)
              try socket.send(
                Array("GET /subscribe/raw HTTP/1.1\r\nHost: e\r\nAccept: text/event-stream\r\n\r\n".utf8))
              let answer = String(decoding: try socket.receive(), as: UTF8.self)
              guard answer.hasPrefix("HTTP/1.1 200 OK") else { throw TimedOut(description: "'\(answer)'") }
              state.withLock { $0.served += 1 }
            } catch {
              state.withLock { $0.failures.append("\(error)") }
            }
            letPass(.milliseconds(5))
          }
          state.withLock { $0.isStopped = true }
        }
      }

      var served: Int { state.withLock { $0.served } }
      var failures: [String] { state.withLock { $0.failures } }

      func waitForMore(_ count: Int) throws {
        let goal = served + count
        try wait(for: "\(count) more clients", within: .seconds(30)) { served >= goal }
      }

      func stop() throws {
        state.withLock { $0.isStopping = true }
        try wait(for: "the knocker", within: .seconds(20)) { state.withLock { $0.isStopped } }
      }
    }

    private static func options() -> Deployment.Options {
      var options = Deployment.Options()
      options.edgeCount = 0
      return options
    }

    private static let flags = ["--drain-window", "1s", "--workers", "2"]

    @Test("A new process takes over the port before the old one leaves it, and no client is refused")
    func sharedPort() throws {
      try Deployment.run(Self.options()) { deployment in
        let old = try EdgeNode(
          "edge-1", in: deployment.folder, hubPorts: [deployment.hub.linkPort], flags: Self.flags)
        try old.start()
        try old.waitUntilReady()
        let knocker = try Reconnector(old.address)
        try knocker.waitForMore(50)
        var current = old
        for round in 2...5 {
          let new = try EdgeNode(
            round % 2 == 0 ? "edge-2" : "edge-1", in: try TestRun.shared().newFolder(),
            hubPorts: [deployment.hub.linkPort], port: old.address.port, flags: Self.flags)
          try new.start()
          try wait(for: "the new process") { new.log.contains("linked to the hub") }
          #expect(new.log.contains("another process listens on the address already"))
          current.process?.signal(SIGTERM)
          #expect(try current.process?.waitForEnd(within: .seconds(10)) == .exited(0))
          try knocker.waitForMore(50)
          current = new
        }
        try knocker.stop()
        #expect(knocker.failures == [], "of \(knocker.served + knocker.failures.count)")
        current.kill()
      }
    }

    @Test(
      "A passed socket outlives the process: new clients wait, and the next process serves them"
    )
    func passedSocket() throws {
      try Deployment.run(Self.options()) { deployment in
        let socket = try ListeningSocket(on: .loopback(0))
        func edge() throws -> EdgeNode {
          let edge = try EdgeNode(
            "edge-1", in: deployment.folder, hubPorts: [deployment.hub.linkPort], passed: socket,
            flags: Self.flags)
          try edge.start()
          return edge
        }
        var current = try edge()
        try current.waitUntilReady()
        #expect(current.log.contains("a socket that was passed"))
        let knocker = try Reconnector(socket.address)
        for _ in 0..<3 {
          try knocker.waitForMore(30)
          current.process?.signal(SIGTERM)
          #expect(try current.process?.waitForEnd(within: .seconds(10)) == .exited(0))
          current = try edge()
        }
        try knocker.waitForMore(30)
        try knocker.stop()
        #expect(knocker.failures == [])
        current.kill()
      }
    }
  }
}
