import Foundation
import Primitives
import Reactor
import TLS
import TestSupport
import Testing

extension IntegrationTests {
  /// Every program here has a TLS library of its own, or another use of OpenSSL's.
  @Suite("Clients of an edge that seals their records itself", .patientWithBrowser)
  struct RecordClientsTests {
    private static let handedOver = "emojitrack_edge_tls_sessions_handed_over_total"

    /// One edge with TLS.
    private static func run(_ flags: [String] = [], _ body: (EdgeNode, Deployment) throws -> Void) throws {
      var options = Deployment.Options()
      options.edgeCount = 1
      // A session of HTTP/2 is not handed over, and browsers choose it where they can.
      options.edgeFlags = ["--workers", "2", "--http2-enabled", "false"] + flags
      options.secure = try TestRun.shared().ours
      try Deployment.run(options) { try body($0.edges[0], $0) }
    }

    private static var authority: String {
      get throws { try TestRun.shared().ours.appending(path: "ca.pem").path }
    }

    private func waitForClients(_ count: Int, of edge: EdgeNode) throws {
      try wait(for: "\(count) clients", within: .seconds(40)) {
        try edge.metrics()["emojitrack_edge_clients{stream=\"eps\"}"] == Double(count)
      }
    }

    // MARK: Programs of the command line

    /// A client that prints the stream, with what else its program prints. It asks in HTTP/1.0, so that events are not
    /// cut into chunks.
    private func printer(
      _ name: String, _ command: String, typing: [String] = [], in deployment: Deployment
    ) throws -> ChildProcess {
      let request = "printf 'GET /subscribe/eps HTTP/1.0\\r\\nHost: x\\r\\n\\r\\n'"
      let typed = typing.map { "sleep 0.7; echo '\($0)'" }
      let input = ([request] + typed + ["sleep 600"]).joined(separator: "; ")
      return try ChildProcess(
        name, "sh", ["-c", "(\(input)) | (\(command); echo \"ended $?\")"],
        environment: ["HOME": deployment.folder.path],
        log: deployment.folder.appending(path: "\(name).log").path, leadsGroup: true)
    }

    /// The sums of all complete events in a program's output.
    private func sums(_ process: ChildProcess) -> [ScoreID: UInt64] {
      process.log.split(separator: "\n").reduce(into: [:]) { sums, line in
        guard let start = line.range(of: "data:{"), line.hasSuffix("}") else { return }
        let json = line[line.index(before: start.upperBound)...]
        for (id, amount) in readScores(Array(json.utf8)) ?? [:] { sums[id, default: 0] += amount }
      }
    }

    private func programs(_ edge: EdgeNode, _ deployment: Deployment) throws -> [ChildProcess] {
      let address = try edge.secure().address
      let authority = try Self.authority
      let port = address.port
      let script = """
        import socket, ssl, sys
        context = ssl.create_default_context(cafile="\(authority)")
        with context.wrap_socket(socket.create_connection(("127.0.0.1", \(port))), server_hostname="127.0.0.1") as s:
            s.sendall(b"GET /subscribe/eps HTTP/1.0\\r\\nHost: x\\r\\n\\r\\n")
            while data := s.recv(65536):
                sys.stdout.buffer.write(data)
                sys.stdout.flush()
        """
      let scriptFile = deployment.folder.appending(path: "client.py")
      try Data(script.utf8).write(to: scriptFile)
      let openssl = "openssl s_client -connect \(address) -CAfile \(authority) -verify_return_error"
      var programs = try [
        printer(
          "curl",
          "curl --http1.0 --no-alpn --no-progress-meter --no-buffer --cacert \(authority) https://\(address)/subscribe/eps",
          in: deployment),
        printer("python", "python3 \(scriptFile.path)", in: deployment),
        // `K` asks for the server's next key too, `k` tells of the client's alone.
        printer("openssl", openssl, typing: ["K", "k", "k", "K", "K", "k"], in: deployment),
        printer(
          "openssl-aes256", "\(openssl) -ciphersuites TLS_AES_256_GCM_SHA384", typing: ["K"], in: deployment),
        printer(
          "openssl-chacha", "\(openssl) -ciphersuites TLS_CHACHA20_POLY1305_SHA256", typing: ["k", "K"],
          in: deployment),
      ]
      if ChildProcess.succeeds("gnutls-cli", ["--version"]) {
        let gnutls = "gnutls-cli --inline-commands --x509cafile \(authority) --port \(port) 127.0.0.1"
        programs.append(try printer("gnutls", gnutls, typing: ["^rekey^", "^rekey^"], in: deployment))
      } else {
        print("GnuTLS is skipped: Scripts/install.sh --with-clients gets it")
      }
      return programs
    }

    @Test("curl, OpenSSL, GnuTLS and Python get exact sums, and go on to other keys meanwhile")
    func commandLine() throws {
      try Self.run { edge, deployment in
        let redis = try deployment.redis.client()
        let before = try redis.totals()
        let programs = try programs(edge, deployment)
        try waitForClients(programs.count, of: edge)
        #expect(try edge.metrics()[Self.handedOver] == Double(programs.count))
        let feed = try TweetFeed(deployment.redis.address)
        letPass(.seconds(6))
        try feed.stop()
        let grown = growth(from: before, to: try redis.totals())
        #expect(grown.values.reduce(0, +) > 1_000)
        for program in programs {
          try? wait(for: "the sums of \(program.name)") { sums(program) == grown }
          #expect(sums(program) == grown, "\(program.name): \(program.log.suffix(500))")
        }
        for program in programs where program.name.hasPrefix("openssl") {
          #expect(program.log.contains("KEYUPDATE"), "\(program.name)")
        }
        #expect(try edge.metrics()["emojitrack_edge_clients{stream=\"eps\"}"] == Double(programs.count))
        // Their end is one that they can tell from a broken connection.
        let answer = try deployment.hub.ask(
          "POST", "/admin/edges/edge-1/shed", body: #"{"clients":\#(programs.count),"window":1}"#)
        #expect(answer.status == 200)
        for program in programs where ["curl", "python"].contains(program.name) {
          try? wait(for: "the end of \(program.name)") { program.log.contains("ended ") }
          #expect(program.log.hasSuffix("ended 0\n"), "\(program.name): \(program.log.suffix(500))")
        }
        try waitForClients(0, of: edge)
      }
    }

    // MARK: Libraries and browsers

    @Test(
      "Deno, Go, Node and the libraries for Python get exact sums",
      .enabled(if: ClientFolder.isThere, ClientFolder.isMissing))
    func libraries() throws {
      try Self.run { edge, deployment in
        let authority = try Self.authority
        let url = "https://\(try edge.secure().address)/subscribe/eps"
        let trust = [
          "SSL_CERT_FILE": authority, "REQUESTS_CA_BUNDLE": authority, "CURL_CA_BUNDLE": authority,
          "NODE_EXTRA_CA_CERTS": authority, "DENO_CERT": authority,
        ]
        // curl prints events as they come, and is tested above.
        let commands = ClientFolder.commands.filter { $0.name != "curl" }
        let printers = try commands.map {
          try ScorePrinter(
            $0.name, $0.command + [url], environment: $0.environment.merging(trust) { $1 }, in: deployment)
        }
        try waitForClients(printers.count, of: edge)
        #expect(try edge.metrics()[Self.handedOver] ?? 0 >= Double(printers.count))
        try deployment.expectExactSums(of: printers)
      }
    }

    /// Sums what a stream brings in a page.
    private static let listen = """
      (window.sums = {}, window.source = new EventSource("/subscribe/eps"),
       source.onmessage = ({ data }) => {
         for (const [id, n] of Object.entries(JSON.parse(data))) sums[id] = (sums[id] ?? 0) + n
       }, true)
      """

    private func expectExact(
      _ edge: EdgeNode, _ deployment: Deployment, value: (String) throws -> [String: UInt64]
    ) throws {
      try waitForClients(1, of: edge)
      let redis = try deployment.redis.client()
      let before = try redis.totals()
      let feed = try TweetFeed(deployment.redis.address)
      letPass(.seconds(3))
      try feed.stop()
      let grown = Dictionary(
        uniqueKeysWithValues: growth(from: before, to: try redis.totals()).map { ($0.description, $1) })
      try? wait(for: "the sums") { try value("sums") == grown }
      #expect(try value("sums") == grown)
      #expect(try edge.metrics()[Self.handedOver] == 1)
    }

    @Test("Chromium gets exact sums")
    func chromium() throws {
      try Self.run { edge, deployment in
        let browser = try Browser(
          "https://\(try edge.secure().address)/healthz", in: deployment.folder, trustsEverybody: true)
        try wait(for: "the page") { try browser.text(of: "body").hasPrefix("OK") }
        let _: Bool = try browser.value(of: Self.listen)
        try expectExact(edge, deployment) { try browser.value(of: $0) }
      }
    }

    @Test("Firefox gets exact sums", .enabled(if: Firefox.isThere, Firefox.isMissing))
    func firefox() throws {
      try Self.run { edge, deployment in
        let browser = try Firefox(in: deployment.folder, trustsEverybody: true)
        try browser.navigate(to: "https://\(try edge.secure().address)/healthz")
        let _: Bool = try browser.value(of: Self.listen)
        try expectExact(edge, deployment) { try browser.value(of: $0) }
      }
    }

    // MARK: The setting, and bad clients

    @Test("The setting leaves the records of new streams to OpenSSL, also by a reload; TLS 1.2 always does")
    func setting() throws {
      var options = Deployment.Options()
      options.edgeCount = 0
      try Deployment.run(options) { deployment in
        let file = deployment.folder.appending(path: "edge.json")
        try Data(#"{"https.records": "openssl"}"#.utf8).write(to: file)
        let edge = try EdgeNode(
          "edge-1", in: deployment.folder, hubPorts: [deployment.hub.linkPort],
          secure: TestRun.shared().ours, flags: ["--config", file.path])
        try edge.start()
        try edge.waitUntilReady()
        let before = try deployment.redis.client().totals()
        var clients = [try SSEClient("/subscribe/eps", by: edge.secure())]
        #expect(try edge.metrics()[Self.handedOver] == 0)
        try Data(#"{"https.records": "own"}"#.utf8).write(to: file)
        edge.process?.signal(SIGHUP)
        try wait(for: "the reload") { edge.log.contains("https.records from openssl to own") }
        clients.append(try SSEClient("/subscribe/eps", by: edge.secure(upTo: .tls12)))
        #expect(try edge.metrics()[Self.handedOver] == 0)
        clients.append(try SSEClient("/subscribe/eps", by: edge.secure()))
        #expect(try edge.metrics()[Self.handedOver] == 1)
        #expect(try edge.metrics()["emojitrack_edge_clients{stream=\"eps\"}"] == 3)
        let feed = try TweetFeed(deployment.redis.address)
        try feed.waitForMore(300)
        try feed.stop()
        try deployment.expectExactSums(of: clients, since: before)
        edge.kill()
      }
    }

    @Test("A stream whose client sends what is not TLS is cut off, and no other one")
    func garbage() throws {
      try Self.run { edge, deployment in
        let before = try deployment.redis.client().totals()
        let others = try (0..<3).map { _ in try SSEClient("/subscribe/eps", by: edge.secure()) }
        var random = SeededGenerator(seed: 15)
        let noise = (0..<8).map { length in
          [23, 3, 3, 0, 32] + (0..<32 * length).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        for bytes in noise + [
          [21, 3, 3, 0, 2, 2, 40], [23, 3, 3, 0x50, 0], Array("GET / HTTP/1.1\r\n\r\n".utf8),
        ] {
          let socket = try BlockingSocket(edge.secure())
          let client = try SSEClient("/subscribe/eps", on: socket)
          _ = Socket.send(socket.number, bytes)
          // A record that is not complete is waited for.
          if bytes.count < 37, bytes[0] == 23, bytes[3] == 0 { Socket.shutdownWriting(socket.number) }
          try wait(for: "the end of \(bytes.prefix(8))") { client.isEnded }
        }
        #expect(try edge.metrics()[Self.handedOver] == 14, "3 others, and 11 with noise")
        let feed = try TweetFeed(deployment.redis.address)
        try feed.waitForMore(300)
        try feed.stop()
        try deployment.expectExactSums(of: others, since: before)
        try waitForClients(3, of: edge)
      }
    }
  }
}
