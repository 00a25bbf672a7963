/// Resolves names without blocking a loop: a numeric address at once, a name on a thread of its own.
///
/// There is one look-up at a time for each connector, so the number of threads is bounded by the number of
/// peers that a process dials.
public final class Resolver {
  private struct Answer: Sendable {
    let number: Int
    let result: Result<[SocketAddress], ResolutionError>
  }

  private let mailbox: Mailbox<Answer>
  private var waiting: [Int: (Result<[SocketAddress], ResolutionError>) -> Void] = [:]
  private var lastNumber = 0

  /// A resolver whose answers arrive on the loop.
  public init(on loop: EventLoop) throws(SystemError) {
    mailbox = try Mailbox()
    try loop.receive(from: mailbox) { [weak self] answers in
      for answer in answers { self?.waiting.removeValue(forKey: answer.number)?(answer.result) }
    }
  }

  /// Looks a host up and calls back on the loop, never before this returns for a name, at once for an address.
  public func resolve(
    host: String, port: UInt16, _ completion: @escaping (Result<[SocketAddress], ResolutionError>) -> Void
  ) {
    if let address = SocketAddress(numericHost: host, port: port) { return completion(.success([address])) }
    lastNumber += 1
    let number = lastNumber
    waiting[number] = completion
    do {
      try LoopThread.start("resolver") { [mailbox] in
        do throws(ResolutionError) {
          let addresses = try SocketAddress.resolve(host: host, port: port, flags: 0)
          mailbox.post(Answer(number: number, result: .success(addresses)))
        } catch {
          mailbox.post(Answer(number: number, result: .failure(error)))
        }
      }
    } catch {
      waiting[number] = nil
      completion(.failure(ResolutionError(host: host, reason: error.description)))
    }
  }
}
