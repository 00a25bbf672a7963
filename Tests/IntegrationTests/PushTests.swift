import Foundation
import Glibc
import Reactor
import Testing

extension IntegrationTests {
  @Suite("Pushed metrics", .patient)
  struct PushTests {
    /// A socket of the test that never blocks.
    private final class Ear {
      let number: Int32

      init(number: Int32) { self.number = number }

      deinit { close(number) }

      /// A socket bound to a free port of this machine. A stream socket also listens.
      convenience init(_ type: __socket_type) throws {
        self.init(
          number: socket(AF_INET, Int32(type.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
          unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe bind(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
          }
        }
        try #require(bound == 0)
        if type == SOCK_STREAM { try #require(listen(number, 8) == 0) }
      }

      var port: UInt16 { get throws { try #require(Socket.localAddress(of: number)).port } }

      /// The bytes that have arrived.
      func read() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(number, &buffer, buffer.count, 0)
        return Array(buffer.prefix(max(0, count)))
      }

      func answer(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL))
      }

      /// The next connection that waits to be accepted.
      func accepted() -> Ear? {
        let accepted = accept(number, nil, nil)
        guard accepted >= 0 else { return nil }
        _ = fcntl(accepted, F_SETFL, O_NONBLOCK)
        return Ear(number: accepted)
      }
    }

    @Test("An edge and a hub push to Graphite, StatsD and OTLP, and continue without a receiver")
    func pushes() throws {
      let graphite = try Ear(SOCK_STREAM)
      let statsD = try Ear(SOCK_DGRAM)
      let collector = try Ear(SOCK_STREAM)
      let ports = try (graphite: graphite.port, statsD: statsD.port, collector: collector.port)
      let configuration = try TestRun.shared().newFolder().appending(path: "edge.json")
      try Data(#"{"push.otlp.headers": "api-key=secret-of-ours"}"#.utf8).write(to: configuration)
      _ = unsafe chmod(configuration.path, 0o600)
      let flags = [
        "--push-interval", "1s", "--push-graphite", "127.0.0.1:\(ports.graphite)",
        "--push-statsd", "127.0.0.1:\(ports.statsD)",
        "--push-otlp", "http://127.0.0.1:\(ports.collector)",
        // Not as a flag, because it contains a key.
        "--config", configuration.path,
      ]
      var options = Deployment.Options()
      options.edgeCount = 1
      options.edgeFlags = flags
      options.hubFlags = ["--push-interval", "1s", "--push-statsd", "127.0.0.1:\(ports.statsD)"]
      try Deployment.run(options) { deployment in
        let edge = deployment.edges[0]
        let client = try edge.client("/subscribe/eps")
        defer { client.close() }

        let stream = try wait(for: "a connection to Graphite", some: { graphite.accepted() })
        var lines: [UInt8] = []
        try wait(for: "Graphite's lines") {
          lines += stream.read()
          return String(decoding: lines, as: UTF8.self).contains("emojitrack.edge.edge-1.clients.eps 1 ")
        }
        try wait(for: "StatsD's datagrams") {
          let text = String(decoding: statsD.read(), as: UTF8.self)
          return text.contains("emojitrack.hub.")
        }
        try wait(for: "StatsD's datagrams of the edge") {
          String(decoding: statsD.read(), as: UTF8.self).contains(
            "emojitrack.edge.edge-1.clients.eps:1|g")
        }

        var counters: [Substring] = []
        try wait(for: "a time in StatsD") {
          let text = String(decoding: statsD.read(), as: UTF8.self)
          counters += text.split(separator: "\n").filter { $0.hasSuffix("|c") }
          return counters.contains { $0.contains(".processor_microseconds_total:") }
        }
        #expect(counters.allSatisfy { $0.contains(/:[0-9]+\|c$/) }, "\(counters)")

        // No receiver answers, so each push is given up when the next one is due, and that is logged.
        var request: [UInt8] = []
        try wait(for: "a request with OTLP") {
          guard let connection = collector.accepted() else { return false }
          request = []
          try wait(for: "the body") {
            request += connection.read()
            return request.suffix(10).contains(UInt8(ascii: "}")) || request.isEmpty
          }
          return String(decoding: request, as: UTF8.self).contains(#""name":"emojitrack_edge_clients""#)
        }
        let text = String(decoding: request, as: UTF8.self)
        #expect(text.hasPrefix("POST /v1/metrics HTTP/1.1\r\n"))
        #expect(text.contains("\r\napi-key: secret-of-ours\r\n"))
        #expect(!edge.log.contains("secret-of-ours"))
        try wait(for: "a line about it") { edge.log.contains("metrics cannot be pushed") }
        var answered: [Ear] = []
        try wait(for: "an answer to be taken in") {
          if let connection = collector.accepted() {
            connection.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            answered.append(connection)
          }
          return edge.log.contains("metrics are pushed again")
        }
        try wait(for: "a line about what is not taken") {
          if let connection = collector.accepted() {
            let body = #"{"partialSuccess":{"rejectedDataPoints":"5","errorMessage":"no room"}}"#
            connection.answer("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            answered.append(connection)
          }
          return edge.log.contains("it rejected 5 data points: no room")
        }
        #expect(edge.isReady)
      }
    }
  }
}
