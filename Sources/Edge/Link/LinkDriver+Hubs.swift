import EdgeCore
import Primitives
import Reactor
import Wire

// Events from the hubs' connections.
extension LinkDriver: HubConnectionDelegate {
  var place: (lineage: Lineage?, position: Position) {
    (stream.renderer.mirror.lineage, stream.renderer.mirror.position)
  }

  func hubWelcomed(_ hub: HubConnection) {
    perform(
      stream.linkOpened(
        to: hub.index, version: hub.link.version, tickInterval: hub.link.tickInterval, now: loop.now))
    mailboxes.collect(for: .link)
  }

  func hubConfirmedInterest(_ hub: HubConnection) { stream.interestConfirmed(by: hub.index) }

  func hub(_ hub: HubConnection, sent message: Message) {
    perform(stream.received(message, from: hub.index, now: loop.now))
  }

  func hubFreshnessChanged(_ hub: HubConnection) {
    perform(stream.freshnessChanged(of: hub.index, to: hub.health.isFresh, now: loop.now))
    tellHealth()
  }

  func hubReportIsDue(_ hub: HubConnection) { mailboxes.collect(for: .link) }

  func hubReceivedAll(_ hub: HubConnection) { scheduleTurnEnd() }

  func hubLost(_ hub: HubConnection) {
    perform(stream.linkClosed(to: hub.index, now: loop.now))
    tellHealth()
  }
}
