/// The answer to `GET /readyz`, as far as it is read.
struct ReadinessAnswer: Equatable, Sendable {
  /// The most bytes that are read. An answer of a hub or an edge has some 200.
  static let bytesMaximum = 4_096
  /// The most bytes of a reason that are shown.
  private static let reasonMaximum = 200

  /// The request. The process closes the connection after its answer, so the answer ends where the bytes end.
  static let request = Array("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)

  /// What an answer means.
  enum Meaning: Equatable, Sendable {
    /// The process is ready.
    case ready
    /// The process runs, and is not ready for this reason.
    case unready(reason: String)
    /// No hub and no edge answers like this.
    case foreign
  }

  private var bytes: [UInt8] = []

  /// Whether further bytes are not read.
  var isFull: Bool { bytes.count == Self.bytesMaximum }
  /// Whether nothing has arrived.
  var isEmpty: Bool { bytes.isEmpty }

  /// Appends received bytes, up to the limit.
  mutating func received(_ more: Span<UInt8>) {
    for index in more.indices.prefix(Self.bytesMaximum - bytes.count) { bytes.append(more[index]) }
  }

  /// The meaning of the bytes so far, which are taken for the whole answer.
  var meaning: Meaning {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)), !isFull else { return .foreign }
    let body = String(decoding: bytes[end.upperBound...], as: UTF8.self)
    let line = body.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
    if bytes.starts(with: "HTTP/1.1 200 ".utf8), line == "OK" { return .ready }
    guard bytes.starts(with: "HTTP/1.1 503 ".utf8), !line.isEmpty else { return .foreign }
    return .unready(reason: String(decoding: line.utf8.prefix(Self.reasonMaximum), as: UTF8.self))
  }
}
