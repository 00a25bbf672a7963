import Foundation
import Primitives
import Reactor
import Testing
import Wire

extension IntegrationTests {
  /// Compares the hub's OpenAPI document with the hub's behaviour, with requests that are made from the document.
  @Suite("The admin API's document", .patient)
  struct AdminContractTests {
    /// Starts a hub with its listeners, and one edge.
    private static func run(
      _ body: (Hub, [AdminOperation], _ local: Approach, _ remote: Approach) throws -> Void
    ) throws {
      let files = try AdminFiles()
      var options = Deployment.Options()
      options.edgeCount = 1
      options.hubFlags = try files.flags
      try Deployment.run(options) { deployment in
        let hub = deployment.hub
        let operations = try AdminOperation.all(of: hub)
        #expect(operations.count >= 24)
        try wait(for: "a report") { try hub.page().edge("edge-1")?.report != nil }
        try body(hub, operations, Approach(address: hub.adminAddress), files.approach())
        #expect(hub.process?.poll() == nil && deployment.edges[0].process?.poll() == nil)
      }
    }

    private static func bare(_ request: String, _ approach: Approach) throws -> HTTPAnswer {
      var bytes = try HTTPClient.exchange(Array(request.utf8), by: approach)
      return try #require(HTTPAnswer(takenFrom: &bytes))
    }

    /// The smallest allowed body.
    private static func smallestBody(_ operation: AdminOperation) -> String? {
      var maker = RequestMaker(seed: 1)
      return operation.body.flatMap { maker.bodies(of: $0).first }
    }

    @Test(
      "Loopback may act, over TLS a reader reads and an operator acts, and no other caller learns anything"
    )
    func roles() throws {
      try Self.run { _, operations, local, remote in
        for operation in operations {
          let (path, body) = (operation.path(of: "edge-1"), Self.smallestBody(operation))
          let ways: [(String, Approach, String)] = [
            ("local", local, ""), ("operator", remote, AdminFiles.bearer(AdminFiles.operatorToken)),
            ("reader", remote, AdminFiles.bearer(AdminFiles.readerToken)),
          ]
          for (how, approach, fields) in ways {
            let answer = try operation.ask(path, by: approach, fields: fields, body: body)
            operation.expect(answer, how)
            let mayNot = how == "reader" && operation.role == "operator"
            #expect((answer.status == 403) == mayNot, "\(how) \(operation.name)")
            #expect(answer.status != 401 && answer.status != 429, "\(how) \(operation.name)")
          }
          // Five requests a second are answered, so one is sent each quarter of a second.
          letPass(.milliseconds(250))
          let stranger = try operation.ask(path, by: remote, body: body)
          operation.expect(stranger, "nobody")
          #expect(stranger.status == 401 && stranger.fields["www-authenticate"] == "Bearer")
        }
        // All of them at once, and each must wait; the right token is not checked either.
        for operation in operations {
          let (path, body) = (operation.path(of: "edge-1"), Self.smallestBody(operation))
          var answer = try operation.ask(path, by: remote, body: body)
          for _ in 0..<20 where answer.status != 429 {
            answer = try operation.ask(path, by: remote, body: body)
          }
          #expect(answer.status == 429 && answer.fields["retry-after"] == "1", "\(operation.name)")
          operation.expect(answer, "too often")
        }
      }
    }

    @Test("An edge performs or refuses all that the document allows, and the answer is as documented")
    func allowed() throws {
      try Self.run { hub, operations, local, _ in
        var maker = RequestMaker(seed: 11)
        for operation in operations {
          let path = operation.path(of: "edge-1")
          let requests =
            if let body = operation.body {
              maker.bodies(of: body).map { (path, $0) } + (operation.needsNoBody ? [(path, nil)] : [])
            } else {
              maker.queries(of: operation.query).map { (path + $0, nil) }
            } as [(String, String?)]
          #expect(!requests.isEmpty)
          for (path, body) in requests {
            let answer = try operation.ask(path, by: local, body: body)
            operation.expect(answer, "\(path) \(body ?? "")")
            #expect(
              [200, 409].contains(answer.status), "\(operation.name) \(path) \(body ?? ""): \(answer.text)")
          }
          if operation.method == "GET", operation.path != "/admin/events" {
            let get = try operation.ask(path, by: local)
            let head = try HTTPClient.request("HEAD", path, by: local)
            operation.expect(head, "HEAD", hasBody: false)
            #expect(head.status == get.status && head.body.isEmpty)
            #expect(head.fields["content-type"] == get.fields["content-type"])
          }
        }
        #expect(try hub.ask("POST", "/admin/reload", body: "{}").status == 200)
      }
    }

    @Test("Anything that the document forbids is refused, changes nothing, and is answered as documented")
    func notAllowed() throws {
      try Self.run { hub, operations, local, _ in
        let maker = RequestMaker(seed: 5)
        for operation in operations {
          let path = operation.path(of: "edge-1")
          for query in maker.wrongQueries(of: operation.query) {
            let answer = try operation.ask(path + query, by: local)
            operation.expect(answer, query)
            #expect(answer.status == 400, "\(operation.name) \(query)")
          }
          guard let schema = operation.body else { continue }
          var bodies = maker
          for (what, body) in bodies.wrongBodies(of: schema) {
            let answer = try operation.ask(path, by: local, body: body)
            operation.expect(answer, "\(what): \(body)")
            #expect(answer.status == 400, "\(operation.name), \(what): \(body)")
          }
        }
        let log = hub.log
        #expect(!log.contains("logs from") && !log.contains("\"reloaded"))
        #expect(try hub.ask("GET", "/admin/rebalance").text.contains(#""state":"idle""#))
      }
    }

    @Test(
      "A request is refused for its form, apart from its contents: edge, host, site, type, length, framing")
    func refusals() throws {
      try Self.run { _, operations, local, _ in
        for operation in operations {
          let (path, body) = (operation.path(of: "edge-1"), Self.smallestBody(operation))
          if operation.path.contains("{name}") {
            for name in ["edge-9", "edge%2D9", "%20"] {
              let absent = try operation.ask(operation.path(of: name), by: local, body: body)
              operation.expect(absent, "no such edge")
              #expect(absent.status == 404)
            }
          }
          let isOpen = ["/healthz", "/readyz", "/metrics"].contains(operation.path)
          let foreign = try operation.ask(path, by: local, fields: "Host: evil.example\r\n", body: body)
          operation.expect(foreign, "a foreign host")
          #expect(foreign.status == (isOpen ? 200 : 403), "\(operation.name)")
          guard operation.method != "GET" else { continue }
          for field in [
            "Origin: http://evil.example", "Origin: null", "Origin: https://localhost",
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Site: same-site", "Origin: http://localhost\r\nOrigin: http://localhost",
          ] {
            let answer = try operation.ask(path, by: local, fields: "\(field)\r\n", body: body)
            operation.expect(answer, field)
            #expect(answer.status == 403, "\(operation.name) \(field)")
            let bare = try operation.ask(path, by: local, fields: "\(field)\r\n")
            operation.expect(bare, field)
            #expect(bare.status == 403, "\(operation.name) \(field) without a body")
          }
          let own = "Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n"
          #expect(try operation.ask(path, by: local, fields: own, body: body).status != 403)
          try Self.expectRefusedBodies(of: operation, path, local)
        }
      }
    }

    private static func expectRefusedBodies(
      of operation: AdminOperation, _ path: String, _ local: Approach
    ) throws {
      let head = "\(operation.method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
      let json = "Content-Type: application/json\r\n"
      var cases = [
        ("\(json)Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 411),
        ("\(json)Content-Length: 5000\r\n\r\n", 413), ("\(json)Content-Length: 70000\r\n\r\n", 413),
      ]
      if operation.body != nil {
        cases += [
          ("Content-Length: 2\r\n\r\n{}", 415),
          ("Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 415),
          ("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 2\r\n\r\n{}", 415),
          ("\(json)\(json)Content-Length: 2\r\n\r\n{}", 415),
        ]
      }
      for (rest, status) in cases {
        let answer = try bare(head + rest, local)
        operation.expect(answer, rest)
        #expect(answer.status == status, "\(operation.name) \(rest)")
      }
    }

    @Test(
      "On a documented path other methods are refused, with the allowed ones; other paths do not exist"
    )
    func methods() throws {
      try Self.run { hub, operations, _, _ in
        for (path, operations) in Dictionary(grouping: operations, by: \.path) {
          var allowed = Set(operations.map(\.method))
          if allowed.contains("GET"), path != "/admin/events" { allowed.insert("HEAD") }
          for method in ["GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS", "TRACE"]
          where !allowed.contains(method) {
            let answer = try hub.ask(method, path.replacing("{name}", with: "edge-1"))
            #expect(answer.status == 405, "\(method) \(path)")
            let told = (answer.fields["allow"] ?? "").split(separator: ",")
            #expect(
              Set(told.map { $0.trimmingCharacters(in: .whitespaces) }) == allowed, "\(method) \(path)")
          }
        }
        for path in [
          "/admin", "/admin/", "/admin/edges/edge-1/", "/admin/edges/edge-1/nothing", "/admin/x", "/%00",
        ] {
          #expect(try hub.ask("GET", path).status == 404)
        }
      }
    }

    /// How an edge handles a command.
    private enum EdgeHabit: CaseIterable {
      case refuses, fails, isSilent, leaves
      case talksNonsense, talksWrongJSON

      /// The statuses that may answer an operation on such an edge.
      var statuses: Set<Int> {
        switch self {
        case .refuses: [409]
        case .fails: [502]
        case .isSilent, .leaves: [504]
        // For most commands the text does not matter; but a malformed list is not an answer.
        case .talksNonsense, .talksWrongJSON: [200, 502]
        }
      }

      func result(of command: Command) -> CommandResult? {
        switch self {
        case .refuses: CommandResult(id: command.id, outcome: .refused, text: "not \"now\"")
        case .fails: CommandResult(id: command.id, outcome: .failed, text: "")
        case .isSilent, .leaves: nil
        case .talksNonsense: CommandResult(id: command.id, outcome: .done, text: "]]\u{7}<b>")
        case .talksWrongJSON:
          CommandResult(
            id: command.id, outcome: .done,
            text:
              #"{"released":"x","remaining":-1,"closed":[],"message":5,"total":1,"offset":0,"connections":[1,{}]}"#
          )
        }
      }
    }

    @Test("Any answer of an edge, and a missing one, is passed on as documented")
    func edges() throws {
      var options = Deployment.Options()
      options.edgeCount = 0
      try Deployment.run(options) { deployment in
        let hub = deployment.hub
        let local = Approach(address: try hub.adminAddress)
        let operations = try AdminOperation.all(of: hub).filter { $0.statuses.contains(504) }
        #expect(operations.count >= 7)
        for habit in EdgeHabit.allCases {
          let edge = try ScriptedEdge("edge-1", of: hub, clients: 40) { command, _ in
            habit.result(of: command)
          }
          // The operations wait together, because the edge leaves some of them without an answer.
          let answers = try operations.map { operation in
            let socket = try BlockingSocket(local)
            let path = operation.path(of: "edge-1")
            let body = Self.smallestBody(operation)
            let content = body.map {
              "Content-Type: application/json\r\nContent-Length: \($0.utf8.count)\r\n\r\n\($0)"
            }
            try socket.send(
              Array(
                "\(operation.method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(content ?? "\r\n")"
                  .utf8))
            return (operation, socket)
          }
          if habit == .leaves {
            try wait(for: "all commands") { edge.commands.count == operations.count }
            edge.stop()
          }
          for (operation, socket) in answers {
            var bytes = try socket.receiveAll()
            let answer = try #require(HTTPAnswer(takenFrom: &bytes))
            operation.expect(answer, "\(habit)")
            #expect(habit.statuses.contains(answer.status), "\(habit) \(operation.name): \(answer.text)")
          }
          edge.stop()
          try wait(for: "the end of the link") { try hub.page().edge("edge-1")?.state != "live" }
        }
        for operation in operations {
          let answer = try operation.ask(
            operation.path(of: "edge-1"), by: local, body: Self.smallestBody(operation))
          operation.expect(answer, "an edge that is away")
          #expect(answer.status == 409)
        }
      }
    }
  }
}
