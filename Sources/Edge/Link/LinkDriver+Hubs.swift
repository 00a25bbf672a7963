import EdgeCore
import Logging
import Primitives
import Reactor
import Wire

// What the hubs' connections tell.
extension LinkDriver: HubConnectionDelegate {
  var place: (lineage: Lineage?, position: Position) {
    (renderer.mirror.lineage, renderer.mirror.position)
  }

  func hubWelcomed(_ hub: HubConnection) {
    tickIntervalChanged(to: hub.link.tickInterval)
    merge.linkOpened(to: hub.index, now: loop.now)
    hub.tell(interest.linkOpened())
    mailboxes.collect(for: .link)
  }

  func hubConfirmedInterest(_ hub: HubConnection) {
    merge.interestConfirmed(by: hub.index)
  }

  func hub(_ hub: HubConnection, sent message: Message) {
    switch message {
    case .pastTotals, .order, .tweets:
      if let action = queries.answerReceived(message, from: hub.index) { perform(action) }
    default: change { $0.received(message, from: hub.index, now: loop.now) }
    }
  }

  func hubFreshnessChanged(_ hub: HubConnection) {
    change { $0.freshnessChanged(of: hub.index, to: hub.health.isFresh) }
    lookAtFreshness()
    tellHealth()
  }

  func hubReportIsDue(_ hub: HubConnection) { mailboxes.collect(for: .link) }

  func hubReceivedAll(_ hub: HubConnection) { scheduleTurnEnd() }

  func hubLost(_ hub: HubConnection) {
    change { $0.linkClosed(to: hub.index, now: loop.now) }
    if liveHubs.isEmpty { interest.linkClosed() }
    for action in queries.linkClosed(to: hub.index) { perform(action) }
    tellHealth()
  }

  /// Changes what is merged, and renders what comes out of that.
  private func change(_ body: (inout HubMerge) -> Void) {
    let lineage = merge.lineage
    body(&merge)
    renderMerged()
    scheduleTurnEnd()
    guard merge.lineage != lineage else { return }
    lineageChanged(from: lineage)
    lookAtFreshness()
  }

  /// Clients are sent what Redis holds if one hub is fresh, and followed.
  private func lookAtFreshness() {
    let isFresh = hubs.contains { $0.health.isFresh && merge.isFollowed($0.index) }
    guard isFresh != health.isFresh else { return }
    health.isFresh = isFresh
    if isFresh { outageEnded() } else { repair.outageBegan(at: renderer.mirror.reached) }
  }

  private func lineageChanged(from old: Lineage?) {
    guard let old else { return }
    let others = hubs.filter { $0.isLive && !merge.isFollowed($0.index) }
    logger.notice(
      "another lineage is followed",
      metadata: [
        "lineage": "\(merge.lineage?.description ?? "none")", "before": "\(old)",
        "hubs_of_others": "\(others.map { $0.configuration.address.description })",
      ])
  }
}
