import Foundation
import Primitives
import Testing

extension IntegrationTests {
  /// With OpenSSL's own client, which keeps its session in a file.
  @Suite("Session tickets that all edges share", .patient)
  struct SharedTicketsTests {
    /// Requests a page.
    ///
    /// - Returns: whether the session was resumed.
    private func visit(_ edge: EdgeNode, _ flags: [String], session: URL, keeps: Bool) throws -> Bool {
      let exists = FileManager.default.fileExists(atPath: session.path)
      let authority = try TestRun.shared().ours.appending(path: "ca.pem").path
      let arguments =
        [
          "-connect", "\(try edge.secure().address)", "-CAfile", authority, "-verify_return_error",
          "-ign_eof",
        ]
        + flags + (exists ? ["-sess_in", session.path] : []) + (keeps ? ["-sess_out", session.path] : [])
      let words = arguments.map { "'\($0)'" }.joined(separator: " ")
      let log = session.deletingLastPathComponent().appending(path: "client-\(UInt32.random(in: 0 ... .max))")
        .path
      let client = try ChildProcess(
        "openssl", "sh",
        ["-c", "printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' | openssl s_client \(words)"], log: log)
      #expect(try client.waitForEnd(within: .seconds(20)) == .exited(0), "\(client.log)")
      #expect(client.log.contains("HTTP/1.1 200"), "\(client.log)")
      let isResumed = client.log.contains("\nReused, ")
      #expect(isResumed != client.log.contains("\nNew, "))
      return isResumed
    }

    /// How often an edge reported that another maker's key seals.
    private func reports(of edge: EdgeNode) -> Int {
      edge.log.components(separatedBy: "session tickets are sealed with another").count - 1
    }

    @Test(
      "A client resumes its session at another edge, also after its edge and the hub have restarted",
      arguments: ["-tls1_2", "-tls1_3"])
    func elsewhere(version: String) throws {
      var options = Deployment.Options()
      options.edgeCount = 2
      options.secure = try TestRun.shared().ours
      try Deployment.run(options) { deployment in
        let edges = deployment.edges
        let session = deployment.folder.appending(path: "session")
        // An edge may be ready a moment before it has the hub's keys.
        for edge in edges {
          try wait(for: "the hub's keys") { reports(of: edge) == 1 }
        }
        #expect(try !visit(edges[0], [version], session: session, keeps: true))
        #expect(try visit(edges[1], [version], session: session, keeps: false))
        let count = reports(of: edges[0])
        edges[0].kill()
        try edges[0].start()
        try edges[0].waitUntilReady()
        try wait(for: "the hub's keys") { reports(of: edges[0]) != count }
        #expect(try visit(edges[0], [version], session: session, keeps: false))
        // A new hub has keys of its own, and the edges keep the old ones.
        deployment.hub.kill()
        try deployment.hub.start()
        for edge in edges { try edge.waitUntilReady() }
        letPass(.milliseconds(300))
        for edge in edges { #expect(try visit(edge, [version], session: session, keeps: false)) }
        // With the new keys too, a session can be resumed elsewhere.
        try FileManager.default.removeItem(at: session)
        #expect(try !visit(edges[1], [version], session: session, keeps: true))
        #expect(try visit(edges[0], [version], session: session, keeps: false))
        for log in edges.map(\.log) + [deployment.hub.log] { #expect(!log.contains("secret")) }
      }
    }
  }
}
