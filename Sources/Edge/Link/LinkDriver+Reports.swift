import EdgeCore
import Logging
import Primitives
import Reactor
import Service
import Wire

// What the edge tells the hub of itself, and what the hub may tell it to do.
extension LinkDriver {
  /// All workers have added their part: sends the report.
  func report(_ collection: Collection) {
    guard link.isLive else { return }
    let counters = collection.totals
    var report = Report()
    report[.uptimeSeconds] = UInt64(startedAt.duration(to: loop.now).components.seconds)
    report[.workers] = UInt64(configuration.workerCount)
    report[.clientsRaw] = counters.clientsRaw
    report[.clientsEPS] = counters.clientsEPS
    report[.clientsDetails] = counters.clientsDetails
    report[.clientsAllDetails] = counters.clientsAllDetails
    report[.clientsAccepted] = counters.accepted
    report[.clientsRefused] = counters.refused
    report[.clientsClosed] = counters.closedInAll
    report[.eventsSent] = counters.delivery.eventsSent
    report[.eventsSummed] = counters.delivery.eventsSummed
    report[.eventsSkipped] = counters.delivery.eventsSkipped
    report[.bytesSent] = counters.bytesSent
    report[.loopLagMaximumMicroseconds] = counters.longestTurnMicroseconds
    report[.memoryBytes] = ProcessResources.residentBytes()
    report[.position] = renderer.mirror.position
    report[.topics] = UInt64(interest.count)
    report[.descriptorLimit] = UInt64(configuration.descriptorLimit)
    report[.framesReceived] = health.framesReceived
    report[.bytesReceived] = health.bytesReceived
    report[.gapsReceived] = renderer.gapsReceived
    send(.report(report))
  }

  /// Does what the hub says, and answers. What this version can not do it refuses in words.
  func perform(_ command: Command) {
    switch command.verb {
    case .reportNow:
      mailboxes.collect(for: .link)
      send(.commandResult(CommandResult(id: command.id, outcome: .done)))
    case .drain, .undrain, .setLogLevel, .shed, .closeClients, .listConnections, .reload:
      let text = "\(command.verb) is not something that \(ServiceVersion.current) can do"
      send(.commandResult(CommandResult(id: command.id, outcome: .refused, text: text)))
    }
  }
}
