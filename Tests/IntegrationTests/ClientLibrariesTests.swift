import Foundation
import Primitives
import Reactor
import Testing

extension IntegrationTests {
  /// Not part of the gate: `Scripts/clients.sh` runs it.
  @Suite("Client libraries", .enabled(if: ClientFolder.isThere, ClientFolder.isMissing))
  struct ClientLibrariesTests {
    private static let names = ["httpx-sse", "sseclient", "sseclient-py", "aiosseclient", "requests-sse"]

    private func start(
      _ script: String, library: String, _ arguments: [String], in deployment: Deployment
    ) throws -> ChildProcess {
      let command = ClientFolder.python(script, library)
      return try ChildProcess(
        library, command.command[0], command.command.dropFirst() + arguments,
        environment: command.environment.merging(["HOME": deployment.folder.path, "NO_PROXY": "*"]) { $1 },
        log: deployment.folder.appending(path: "\(library).log").path)
    }

    private func lines(_ process: ChildProcess) -> [Substring] {
      process.log.split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    private func command(_ deployment: Deployment, _ verb: String, _ body: String) throws {
      #expect(try deployment.hub.ask("POST", "/admin/edges/edge-1/\(verb)", body: body).status == 200)
    }

    /// sseclient 0.0.27 reads the socket beneath the chunks, and takes the end of the last one (`0`, CR LF, CR LF)
    /// for an event.
    private func isEndOfChunks(_ event: [Any], of library: String) -> Bool {
      library == "sseclient" && event[1] as? String == "" && event[2] is Int
    }

    @Test("Through silence, a release, a refusal and a return, no library delivers an event without data")
    func noEmptyMessages() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      options.edgeFlags = [
        "--keepalive", "1s", "--retry", "1s", "--clients-maximum", "\(Self.names.count)",
      ]
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        let url = "http://\(try edge.address)/subscribe/eps?resume=1"
        let processes = try Self.names.map {
          try start("listen.py", library: $0, [$0, url], in: deployment)
        }
        let redis = try deployment.redis.client()
        func waitForAll(_ what: String) throws {
          try wait(for: what, within: .seconds(40)) {
            if let ended = processes.first(where: { $0.poll() != nil }) {
              throw TimedOut(description: "\(ended.name): \(ended.log)")
            }
            return try edge.metrics()["emojitrack_edge_clients{stream=\"eps\"}"] == Double(processes.count)
          }
        }
        func tweet(_ id: String) throws {
          try redis.tweet([id])
          for process in processes {
            try wait(for: "\(id) at \(process.name): \(process.log)", within: .seconds(20)) {
              process.log.contains("\\\"\(id)\\\"")
            }
          }
        }
        try waitForAll("all libraries")
        try tweet("1F4C2")
        letPass(.milliseconds(3_500))
        try tweet("2665")
        // All are released, and get a refusal when they return, because others have their places.
        try command(deployment, "shed", #"{"clients":5,"window":0}"#)
        try wait(for: "room") { try edge.metrics()["emojitrack_edge_clients{stream=\"eps\"}"] == 0 }
        let others = try processes.map { _ in try edge.client("/subscribe/raw") }
        try wait(for: "refusals", within: .seconds(40)) {
          try edge.metrics()["emojitrack_edge_clients_refused_total"] ?? 0 >= Double(2 * processes.count)
        }
        for other in others { other.close() }
        try waitForAll("all libraries once more")
        try tweet("1F60D")
        for process in processes {
          for line in lines(process) {
            let event = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [Any])
            if isEndOfChunks(event, of: process.name) { continue }
            let data = try #require(event[1] as? String, "\(process.name): \(line)")
            #expect(
              (try? JSONSerialization.jsonObject(with: Data(data.utf8))) != nil, "\(process.name): \(line)")
          }
          #expect(lines(process).contains { $0.contains("message") }, "\(process.name)")
        }
      }
    }

    /// Between the last chunk and the end of the connection it would send its request over the old one, and fail.
    @Test(
      "A session that asks again right after the end of its stream uses a new connection, and is answered"
    )
    func session() throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        let process = try start(
          "session.py", library: "sseclient-py", ["http://\(try edge.address)/subscribe/eps"], in: deployment)
        for round in 1...20 {
          try wait(for: "the client") {
            if process.poll() != nil { throw TimedOut(description: process.log) }
            return try edge.metrics()["emojitrack_edge_clients{stream=\"eps\"}"] == 1
          }
          try command(deployment, "shed", #"{"clients":1,"window":1}"#)
          try wait(for: "the end") { lines(process).count == round }
        }
        let answers = lines(process).map { $0.split(separator: " ") }
        #expect(answers.allSatisfy { $0[0] == "200" })
        #expect(
          zip(answers, answers.dropFirst()).allSatisfy { $0[1] != $1[1] }, "each over a connection of its own"
        )
      }
    }
  }
}
