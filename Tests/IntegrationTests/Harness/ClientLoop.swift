import Primitives
import Reactor
import Synchronization

/// The thread that reads for all streaming clients of the tests: one epoll loop for all of them.
final class ClientLoop: Sendable {
  enum Command: Sendable {
    case read(SSEClient)
    case pause(SSEClient)
    case close(SSEClient)
  }

  private static let started = Result { try ClientLoop() }

  static func shared() throws -> ClientLoop { try started.get() }

  private let mailbox: Mailbox<Command>

  private init() throws {
    let mailbox = try Mailbox<Command>()
    self.mailbox = mailbox
    try LoopThread.start("test-clients") {
      do {
        let loop = try EventLoop()
        let reader = ClientReader(loop)
        try loop.receive(from: mailbox) { commands in
          for command in commands { reader.perform(command) }
        }
        withExtendedLifetime(reader) { loop.run() }
      } catch {
        preconditionFailure("the clients' loop cannot start: \(error)")
      }
    }
  }

  func post(_ command: Command) { mailbox.post(command) }
}

/// Reads for the clients that are not paused.
private final class ClientReader: ReadinessHandler {
  private struct Reading {
    let client: SSEClient
    let socket: BlockingSocket
    let registration: EventLoop.Registration
  }

  private let loop: EventLoop
  private var readings: [Int: Reading] = [:]
  private var buffer = [UInt8](repeating: 0, count: 256 * 1024)

  init(_ loop: EventLoop) { self.loop = loop }

  func perform(_ command: ClientLoop.Command) {
    switch command {
    case .read(let client): begin(client)
    case .pause(let client): end(client)
    case .close(let client):
      end(client)
      client.releaseSocket()
    }
  }

  private func begin(_ client: SSEClient) {
    guard readings[client.number] == nil, let socket = client.socket,
      let registration = try? loop.register(
        socket.number, for: .readable, handler: self, token: client.number)
    else { return }
    readings[client.number] = Reading(client: client, socket: socket, registration: registration)
  }

  private func end(_ client: SSEClient) {
    guard let reading = readings.removeValue(forKey: client.number) else { return }
    loop.deregister(reading.registration, of: reading.socket.number)
  }

  func descriptorReady(_ readiness: Readiness, token: Int) {
    guard let reading = readings[token] else { return }
    switch reading.socket.receiveNow(into: &buffer) {
    case .moved(let count): reading.client.received(buffer[..<count])
    case .wouldBlock: break
    case .ended, .failed:
      end(reading.client)
      reading.client.ended()
    }
  }
}
