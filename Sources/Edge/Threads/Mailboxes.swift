import EdgeCore
import Reactor

/// The mailboxes through which an edge's threads communicate.
struct Mailboxes: Sendable {
  let link: Mailbox<LinkMessage>
  let workers: [Mailbox<WorkerMessage>]

  init(workerCount: Int) throws(SystemError) {
    link = try Mailbox()
    var workers: [Mailbox<WorkerMessage>] = []
    for _ in 0..<workerCount { workers.append(try Mailbox()) }
    self.workers = workers
  }

  /// Posts a message to every worker.
  func broadcast(_ message: WorkerMessage) {
    for worker in workers { worker.post(message) }
  }

  /// Passes the first bytes of streams to the workers of the clients that wait for them.
  ///
  /// - Parameter bytes: nil rejects the clients, because there is no room.
  func open(_ clients: [OpeningClient], with bytes: SharedBytes?) {
    for (worker, clients) in Dictionary(grouping: clients, by: \.worker) {
      workers[worker].post(.opened(clients, bytes))
    }
  }

  /// Has the workers admit clients that wait for the first bytes of their streams.
  func admit(_ clients: [OpeningClient]) {
    for (worker, clients) in Dictionary(grouping: clients, by: \.worker) {
      workers[worker].post(.admitted(clients))
    }
  }

  /// Asks every worker for its part.
  func collect(for origin: WorkerSurvey.Origin, _ request: WorkerSurvey.Request = .counters) {
    let survey = WorkerSurvey(origin: origin, request: request, workerCount: workers.count)
    broadcast(.contribute(to: survey))
  }

  /// Returns a complete survey to its origin.
  func finish(_ survey: WorkerSurvey) {
    switch survey.origin {
    case .client(_, _, let worker): workers[worker].post(.collected(survey))
    case .link, .push, .manager, .hub: link.post(.collected(survey))
    }
  }
}
