import Synchronization

/// A relay between a proxy and an edge that reads the edge's answers: as many as the requests that the edge saw.
final class RequestTap: Sendable {
  /// What is known of an answer.
  struct Answer: Equatable {
    /// The status; 0 where it is not read.
    let status: Int
    /// Whether it is that of ``FramingFamily/marker``.
    let isMarker: Bool
    /// Whether it is that of a check of the edge's health, of which a proxy makes some at any time.
    let isHealth: Bool

    /// An answer of HTTP/0.9, which has neither a status nor a head.
    static let bare = Answer(status: 0, body: [])

    fileprivate init(status: Int, body: [UInt8]) {
      self.status = status
      let text = String(decoding: body, as: UTF8.self)
      isMarker = text.contains("\"reported_at\"")
      isHealth = text == "OK\n"
    }

    /// The complete answers in the bytes of a connection, without interim ones.
    static func all(in bytes: [UInt8]) -> [Answer] {
      var rest = bytes
      var answers: [Answer] = []
      while let answer = HTTPAnswer(takenFrom: &rest) {
        if answer.status >= 200 { answers.append(Answer(status: answer.status, body: answer.body)) }
      }
      if answers.isEmpty, !bytes.isEmpty, !bytes.starts(with: "HTTP/".utf8) { answers = [.bare] }
      return answers
    }
  }

  /// The complete answers in frames of HTTP/2 (RFC 9113 §4.1), in the order of their heads. Their statuses are not read.
  private static func answersOverHTTP2(in bytes: [UInt8]) -> [Answer] {
    var streams: [UInt32] = []
    var bodies: [UInt32: [UInt8]] = [:]
    var rest = bytes[...]
    while rest.count >= 9 {
      let head = Array(rest.prefix(9))
      let length = head[..<3].reduce(0) { $0 << 8 | Int($1) }
      let stream = head[5...].reduce(0) { $0 << 8 | UInt32($1) }
      let payload = rest.dropFirst(9).prefix(length)
      if head[3] == 1 { streams.append(stream) }
      if head[3] == 0 { bodies[stream, default: []] += payload }
      rest = rest.dropFirst(9 + length)
    }
    return streams.map { Answer(status: 0, body: bodies[$0] ?? []) }
  }

  /// What edges sent over each connection.
  private final class Record: Sendable {
    let bytes = Mutex<[Int: [UInt8]]>([:])
  }

  private let record: Record
  private let relay: LinkRelay
  /// The port that stands for the edge's.
  var port: UInt16 { relay.port }

  /// - Parameter target: the port of the edge.
  init(to target: UInt16) throws {
    let record = Record()
    self.record = record
    relay = try LinkRelay(to: target) { connection, bytes in
      record.bytes.withLock { $0[connection, default: []] += bytes }
    }
  }

  /// The answers so far, without those to checks.
  var answers: [Answer] {
    let all = record.bytes.withLock { $0 }
    return all.sorted { $0.key < $1.key }.map(\.value).flatMap {
      $0.starts(with: "HTTP/".utf8) ? Answer.all(in: $0) : Self.answersOverHTTP2(in: $0)
    }
    .filter { !$0.isHealth }
  }

  /// Forgets what was sent so far. Connections stay.
  func clear() { record.bytes.withLock { $0 = [:] } }
}
