import HTTP
import HubCore
import Primitives
import Reactor
import Transport

// How all of it is seen.
extension HubServer {
  /// So many requests are answered at once.
  private static let adminClientsMaximum = 64

  func adminAccepted(_ descriptor: consuming FileDescriptor, from address: SocketAddress?) {
    guard adminClients.count < Self.adminClientsMaximum else { return }
    let client = AdminConnection(
      accepted: descriptor, from: address, on: network,
      answer: { [weak self] head in
        guard let self else { return .response(.line(.serviceUnavailable, "The hub is going away.")) }
        return AdminAPI.answer(to: head, hasRoom: watchers.count < StatusStream.watchersMaximum) {
          self.status
        }
      },
      ended: { [weak self] client in self?.adminClients[ObjectIdentifier(client)] = nil })
    adminClients[ObjectIdentifier(client)] = client
  }

  private var watchers: [AdminConnection] { adminClients.values.filter(\.isWatching) }

  /// A second has passed: all who watch are sent the same bytes.
  func tellWatchers() {
    let watchers = watchers
    guard !watchers.isEmpty else { return }
    let event = StatusStream.event(status)
    for watcher in watchers { watcher.tell(event) }
  }

  private var status: HubStatus {
    HubStatus(
      terms: terms, startedAt: startedAt, now: loop.now, unixSeconds: MonotonicClock.wallSeconds(),
      isDraining: isShuttingDown, feed: feedHealth, scores: packer.table, edges: registry.records.map(edge),
      counters: counters, replacements: registry.replacements)
  }

  private var feedHealth: HubStatus.Feed {
    switch feedState {
    case .anchored: .init(isLive: true, detail: "")
    case .unanchored(let reason): .init(isLive: true, detail: "\(reason)", unanchored: reason)
    case .interrupted(let interruption): .init(isLive: false, detail: "\(interruption)")
    case nil: .init(isLive: false, detail: "connecting to Redis for the first time")
    }
  }

  private func edge(_ record: EdgeRegistry.Record) -> HubStatus.Edge {
    HubStatus.Edge(
      record: record, link: record.link.flatMap { links[$0]?.machine },
      topicCount: record.link.map { interest.count(of: $0) } ?? 0)
  }
}
