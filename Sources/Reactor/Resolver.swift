import Primitives

/// Resolves names without blocking a loop: a numeric address at once, a name on a thread of its own.
///
/// `getaddrinfo` cannot be cancelled, and takes as long as the system's resolver is configured to wait: with a dead
/// first name server, 5 s before each answer. ``NameLookups`` ensures that no name is looked up twice at a time, and
/// that a late answer is not lost.
package final class Resolver {
  /// Identifies a request, to withdraw it.
  package struct Request: Equatable, Sendable {
    let host: String
    let number: Int
  }

  private struct Answer: Sendable {
    let host: String
    let result: Result<[SocketAddress], ResolutionError>
  }

  private struct Asker {
    let port: UInt16
    let timer: TimerID
    let completion: (Result<[SocketAddress], ResolutionError>) -> Void
  }

  private let loop: EventLoop
  private let mailbox: Mailbox<Answer>
  private let lookUp: @Sendable (String) throws(ResolutionError) -> [SocketAddress]
  private var lookups = NameLookups<[SocketAddress]>()
  private var askers: [Int: Asker] = [:]
  private var lastNumber = 0

  /// A resolver whose answers arrive on the loop.
  package convenience init(on loop: EventLoop) throws(SystemError) {
    try self.init(on: loop) { host throws(ResolutionError) in
      try SocketAddress.resolve(host: host, port: 0, flags: 0)
    }
  }

  /// - Parameter lookUp: the blocking look-up; called on threads of its own.
  init(
    on loop: EventLoop, lookUp: @escaping @Sendable (String) throws(ResolutionError) -> [SocketAddress]
  ) throws(SystemError) {
    self.loop = loop
    self.lookUp = lookUp
    mailbox = try Mailbox()
    try loop.receive(from: mailbox) { [weak self] answers in
      for answer in answers { self?.received(answer) }
    }
  }

  /// Looks a host up and calls back on the loop; before this returns if the answer is known, as for a numeric
  /// address.
  ///
  /// - Parameter limit: how long the answer may take. A later answer serves the next request.
  /// - Returns: the request, to withdraw it; nil if the answer was known.
  @discardableResult
  package func resolve(
    host: String, port: UInt16, within limit: Duration = .seconds(30),
    _ completion: @escaping (Result<[SocketAddress], ResolutionError>) -> Void
  ) -> Request? {
    if let address = SocketAddress(numericHost: host, port: port) {
      completion(.success([address]))
      return nil
    }
    lastNumber += 1
    let request = Request(host: host, number: lastNumber)
    switch lookups.asked(host, by: request.number, now: loop.now) {
    case .answer(let addresses):
      completion(.success(addresses.map { $0.with(port: port) }))
      return nil
    case .refuse:
      completion(.failure(ResolutionError(host: host, reason: "too many names are being looked up")))
      return nil
    case .wait: break
    case .begin: begin(host)
    }
    let timer = loop.schedule(at: MonotonicClock.now().advanced(by: limit)) { [weak self] in
      self?.overdue(request, limit: limit)
    }
    askers[request.number] = Asker(port: port, timer: timer, completion: completion)
    return request
  }

  /// Withdraws a request: its callback is not called.
  package func withdraw(_ request: Request) {
    guard let asker = askers.removeValue(forKey: request.number) else { return }
    loop.cancel(asker.timer)
    lookups.withdrawn(request.host, by: request.number)
  }

  private func begin(_ host: String) {
    do throws(SystemError) {
      try LoopThread.start("resolver") { [mailbox, lookUp] in
        do throws(ResolutionError) {
          mailbox.post(Answer(host: host, result: .success(try lookUp(host))))
        } catch {
          mailbox.post(Answer(host: host, result: .failure(error)))
        }
      }
    } catch {
      mailbox.post(
        Answer(host: host, result: .failure(ResolutionError(host: host, reason: error.description))))
    }
  }

  private func overdue(_ request: Request, limit: Duration) {
    guard let completion = askers[request.number]?.completion else { return }
    withdraw(request)
    completion(
      .failure(
        ResolutionError(host: request.host, reason: "no answer within \(limit)", isOverdue: true)))
  }

  private func received(_ answer: Answer) {
    let numbers = lookups.answered(answer.host, with: try? answer.result.get(), now: loop.now)
    for number in numbers {
      // Missing if an earlier callback withdrew it.
      guard let asker = askers.removeValue(forKey: number) else { continue }
      loop.cancel(asker.timer)
      asker.completion(answer.result.map { $0.map { $0.with(port: asker.port) } })
    }
  }
}
