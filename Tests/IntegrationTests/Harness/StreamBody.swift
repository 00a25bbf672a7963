import TestSupport

/// The body of a stream, without its chunk framing.
struct StreamBody {
  private(set) var bytes: [UInt8] = []
  /// Whether the chunks violate the standard, or one ended within a line or an event.
  private(set) var isMisframed = false
  private var chunks: ChunkedReader?

  /// - Parameters:
  ///   - head: the head of its response.
  ///   - isOurs: whether the chunks come from the edge itself, and not from a proxy.
  init(head: String = "", isOurs: Bool = true) {
    if head.lowercased().contains("\r\ntransfer-encoding: chunked") {
      chunks = ChunkedReader(allowsZeros: !isOurs)
    }
  }

  /// Whether its last chunk has arrived. False without chunks, because then the end is unknown.
  var isComplete: Bool { chunks?.isEnded ?? false }

  mutating func append(_ raw: some Sequence<UInt8>) {
    guard var reader = chunks else {
      bytes += raw
      return
    }
    for byte in raw {
      switch reader.append(byte) {
      case .byte(let byte): bytes.append(byte)
      case .chunkEnded: if !isAtBorder { isMisframed = true }
      case nil: break
      }
    }
    if reader.isMalformed { isMisframed = true }
    chunks = reader
  }

  /// Whether an event has just ended, or a line that belongs to none: a comment or a reconnection time.
  private var isAtBorder: Bool {
    guard bytes.last == UInt8(ascii: "\n") else { return false }
    let line = bytes.dropLast().reversed().prefix { $0 != UInt8(ascii: "\n") }.reversed()
    return line.isEmpty || line.first == UInt8(ascii: ":") || line.starts(with: Array("retry:".utf8))
  }
}
