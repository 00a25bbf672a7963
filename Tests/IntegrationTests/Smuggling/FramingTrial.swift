import Primitives
import Reactor

/// Sends requests of doubtful length through a proxy, and compares what it answers with what the edge answers it.
struct FramingTrial {
  /// How long a proxy may take before it counts as waiting for more, and how long nothing must move before an exchange is over.
  private static let patience = Duration.milliseconds(700)
  private static let silence = Duration.milliseconds(120)

  let tap: RequestTap
  let approach: Approach

  /// What a client got.
  struct Outcome {
    var answers: [RequestTap.Answer] = []
    var isClosed = false
  }

  /// What both sides of a proxy saw of one family.
  struct Sight: CustomStringConvertible {
    /// What the proxy answered the client: one answer for each request that it meant.
    let meant: [RequestTap.Answer]
    /// What the edge answered the proxy.
    let seen: [RequestTap.Answer]
    /// Whether a client that came afterwards got the answer to its own request.
    let nextClientIsServed: Bool

    /// The requests that reached the edge and were not meant, or the markers among them.
    var excess: Int {
      max(0, seen.count - meant.count, seen.count(where: \.isMarker) - meant.count(where: \.isMarker))
    }

    var description: String {
      "\(text(seen)) at the edge, \(text(meant)) at the client"
        + (nextClientIsServed ? "" : ", and another client did not get its answer")
    }

    private func text(_ answers: [RequestTap.Answer]) -> String {
      answers.isEmpty
        ? "nothing" : answers.map { "\($0.status)\($0.isMarker ? "*" : "")" }.joined(separator: " ")
    }
  }

  /// The project's example. nginx also keeps its connections to the edge, because only there a request can hide behind another one.
  static func configuration(of kind: ProxyKind) throws -> String {
    let text = try kind.exampleText()
    guard kind.program == ProxyKind.nginx.program else { return text }
    return text.replacing("  least_conn;\n", with: "  least_conn;\n  keepalive 8;\n")
      .replacing(
        "  location / {\n",
        with: "  location / {\n    proxy_http_version 1.1;\n    proxy_set_header Connection \"\";\n")
  }

  /// Waits until the proxy has found the edge ready.
  func waitUntilReady() throws {
    try wait(for: "the edge behind the proxy") {
      (try? HTTPClient.request("GET", "/readyz", by: approach).status) == 200
    }
  }

  func run(_ family: FramingFamily) throws -> Sight {
    tap.clear()
    let meant = try Self.send(family.bytes, by: approach).answers
    // What the edge may still be asked once the client has left.
    try settle()
    let seen = tap.answers
    let next = try? HTTPClient.request("GET", "/healthz", by: approach)
    return Sight(meant: meant, seen: seen, nextClientIsServed: next?.text == "OK\n")
  }

  private func settle() throws {
    var before = -1
    try wait(for: "silence at the edge") {
      let now = tap.answers.count
      defer { before = now }
      letPass(.milliseconds(60))
      return now == before
    }
  }

  /// Sends bytes, and reads until the peer closes or is silent.
  static func send(_ bytes: [UInt8], by approach: Approach) throws -> Outcome {
    let socket = try BlockingSocket(approach)
    var outcome = Outcome()
    var received: [UInt8] = []
    do {
      try socket.send(bytes)
      while !outcome.isClosed {
        let more = try socket.receive(
          within: RequestTap.Answer.all(in: received).isEmpty ? patience : silence)
        if more.isEmpty { outcome.isClosed = true } else { received += more }
      }
    } catch is TimedOut {
      // Silence.
    } catch is SystemError {
      outcome.isClosed = true
    }
    outcome.answers = RequestTap.Answer.all(in: received)
    return outcome
  }
}
