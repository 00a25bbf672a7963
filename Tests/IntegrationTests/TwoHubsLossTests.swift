import Primitives
import Testing

extension IntegrationTests {
  @Suite("One of two hubs")
  struct TwoHubsLossTests {
    /// The longest wait of a client for an event, whatever happens to one hub.
    private static let pauseLimit = Duration.milliseconds(100)
    private static let clientsPerControl = 3

    /// Four further edges know one hub each. If a client of the two whose hub lives has to wait at the same time, the
    /// machine is the cause: such a pause does not count for the other clients. There are as many such edges for a hub
    /// as edges that know both, because the longest of more pauses is longer.
    @Test(
      "One of two hubs is killed at a random moment, 20 times (4 unless EMOJITRACK_MINUTE=1), unnoticed")
    func oneHubKilled() throws {
      var options = LossTrial.Options()
      options.hubCount = 2
      let records = try LossTrial.run("one of two hubs killed", options) { trial, clients in
        let controls = try (0..<4).map { index in
          try EdgeNode(
            "edge-\(index + 3)", in: trial.folder, hubPorts: [trial.hubs[index / 2].linkPort])
        }
        for control in controls { try control.start() }
        for control in controls { try control.waitUntilReady() }
        let watchers = try SummingClients(
          // Each has as many clients as stay at an edge that knows both hubs.
          controls.flatMap { control in
            try (0..<Self.clientsPerControl).map { _ in
              .init(form: .plain(since: [:]), edges: [try control.address])
            }
          }, seed: trial.random.next())
        defer {
          watchers.stop()
          for control in controls { control.kill() }
        }
        try waitUntilJoined(trial, controls)
        for round in 1...(LossTrial.isFull ? 20 : 4) {
          _ = clients.takeLongestPauses()
          _ = watchers.takeLongestPauses()
          _ = clients.takeLongestStall()
          let index = Int.random(in: 0...1, using: &trial.random)
          trial.hubs[index].kill()
          trial.rest(200...600)
          try trial.hubs[index].start()
          try waitUntilJoined(trial, controls)
          // The hub's return must not affect clients either.
          trial.rest(200...600)
          let pauses = zip(clients.all, clients.takeLongestPauses())
            .filter { record, _ in record.habit.restlessness == nil }.map(\.1)
          let longest = try #require(pauses.max())
          let half = 2 * Self.clientsPerControl
          let control = try #require(
            watchers.takeLongestPauses()[(1 - index) * half..<(2 - index) * half].max())
          let unavoidable = max(control, clients.takeLongestStall())
          print(
            "loss: hub \(index + 1) killed: pauses up to \(longest), and \(unavoidable) by the machine")
          #expect(longest <= max(Self.pauseLimit, unavoidable * 2), "round \(round)")
        }
      }
      for record in records where record.ledger.form == .resuming {
        #expect(record.ledger.resets == [:])
        #expect(record.ledger.snapshotCount == 1)
      }
    }

    /// Waits until each edge is live at each hub, and each control edge at its own.
    private func waitUntilJoined(_ trial: LossTrial, _ controls: [EdgeNode]) throws {
      for (index, hub) in trial.hubs.enumerated() {
        try hub.waitUntilReady()
        try wait(for: "all edges at each hub") {
          let page = try hub.page()
          return (trial.edges + controls[index * 2..<index * 2 + 2]).allSatisfy {
            page.edge($0.name)?.state == "live"
          }
        }
      }
    }
  }
}
