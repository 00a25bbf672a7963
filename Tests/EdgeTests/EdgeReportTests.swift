import EdgeCore
import Primitives
import Testing
import Wire

@testable import Edge

@Suite("An edge's report") struct EdgeReportTests {
  private func report(_ counters: WorkerCounters, _ link: LinkHealth = LinkHealth()) -> Report {
    EdgeReport(
      uptime: .seconds(90), workerCount: 2, descriptorLimit: 1_024, counters: counters, link: link
    ).message
  }

  @Test("An edge reports every field of the protocol")
  func complete() {
    var counters = WorkerCounters()
    counters.descriptorsOpen = 30
    #expect(report(counters).fields.map(\.field) == ReportField.allCases)
  }

  @Test("Counters, links and the process are each in their fields")
  func values() {
    var counters = WorkerCounters()
    counters.accepted = 7
    counters.plain.raw = 3
    counters.secure.raw = 2
    counters.closed = [.reset: 4, .dismissed: 1]
    counters.times.latencyRaw.record(.milliseconds(1))
    counters.times.latencyEPS.record(.milliseconds(1))
    var link = LinkHealth()
    var hub = HubHealth()
    hub.isFresh = true
    hub.framesReceived = 11
    link.hubs = [hub, hub, HubHealth()]
    link.isDraining = true
    let report = report(counters, link)
    #expect(report[.uptimeSeconds] == 90)
    #expect(report[.clientsAccepted] == 7)
    #expect(report[.clientsRaw] == 5)
    #expect(report[.clientsSecure] == 2)
    #expect(report[.clientsClosed] == 5)
    #expect(report[.hubs] == 3)
    #expect(report[.hubsFresh] == 2)
    #expect(report[.framesReceived] == 22)
    #expect(report[.isDraining] == 1)
    #expect(report[.descriptorsOpen] == nil)
    #expect(report[.deliveryLatency].count == 2)
  }
}
