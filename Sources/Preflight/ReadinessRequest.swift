import Primitives
import Reactor
import Transport

/// Sends one request for readiness over a connection of its own, and collects the answer until the peer ends it.
final class ReadinessRequest: ConnectionDelegate {
  /// The time for connecting and the whole answer.
  static let limit = Duration.seconds(2)

  private let loop: EventLoop
  private var connection: Connection?
  private var answer = ReadinessAnswer()
  private var problem: String? = "no whole answer within \(ReadinessRequest.limit.components.seconds) s"

  private init(_ endpoint: Endpoint) throws {
    loop = try EventLoop()
    let network = try Network(on: loop)
    loop.schedule(at: loop.now.advanced(by: Self.limit)) { [loop] in loop.stop() }
    let connection = Connection(
      to: endpoint, on: network, security: .plain, within: Self.limit, delegate: self)
    self.connection = connection
    connection.send(ReadinessAnswer.request)
    loop.run()
    connection.close()
  }

  /// Asks the process at an address.
  ///
  /// - Returns: its answer, or why there is none.
  /// - Throws: an error if this process can open no socket.
  static func ask(_ endpoint: Endpoint) throws -> Result<ReadinessAnswer, Failure> {
    let request = try ReadinessRequest(endpoint)
    return request.problem.map { .failure(Failure(description: $0)) } ?? .success(request.answer)
  }

  /// Why there is no answer.
  struct Failure: Error, Equatable, CustomStringConvertible {
    let description: String
  }

  func connectionOpened(_ connection: Connection) {}
  func connectionProgressed(_ connection: Connection) {}

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    answer.received(bytes)
    if answer.isFull { end(nil) }
  }

  func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {
    end(answer.isEmpty ? "\(reason)" : nil)
  }

  private func end(_ problem: String?) {
    self.problem = problem
    loop.stop()
  }
}
