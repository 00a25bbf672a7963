import TestSupport

/// The body of a stream, taken out of its chunks if it comes in such.
struct StreamBody {
  /// The result.
  private(set) var bytes: [UInt8] = []
  /// Whether the chunks are not what the standard allows, or one ended within a line or an event.
  private(set) var isMisframed = false
  private var chunks: ChunkedReader?

  /// - Parameters:
  ///   - head: of the answer that it belongs to.
  ///   - isOurs: whether the chunks are the edge's own, and not what a proxy made of them.
  init(head: String = "", isOurs: Bool = true) {
    if head.lowercased().contains("\r\ntransfer-encoding: chunked") {
      chunks = ChunkedReader(allowsZeros: !isOurs)
    }
  }

  /// Whether its last chunk has come. Without chunks nobody knows.
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

  /// Whether an event has just ended; or a line that belongs to none, which is a comment or a time to come back.
  private var isAtBorder: Bool {
    guard bytes.last == UInt8(ascii: "\n") else { return false }
    let line = bytes.dropLast().reversed().prefix { $0 != UInt8(ascii: "\n") }.reversed()
    return line.isEmpty || line.first == UInt8(ascii: ":") || line.starts(with: Array("retry:".utf8))
  }
}
