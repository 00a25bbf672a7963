/// Finds the bodies of all streams in the bytes of an HTTP/2 connection (RFC 9113 §4.1), with no allocation for them.
///
/// It trusts the server as far as a benchmark may: bodies are not padded, and no frame arrives within a block of header
/// fields.
struct FrameScanner: Equatable, Sendable {
  /// What the next bytes hold.
  enum Part: Equatable {
    /// A run of bytes of a stream's body.
    case body(stream: UInt32, Range<Int>)
    /// The stream has ended.
    case end(stream: UInt32)
    /// Another frame that is complete.
    case frame(type: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8])
  }

  /// The types of frames (RFC 9113 §6) that a client acts on.
  enum FrameType {
    static let data: UInt8 = 0
    static let headers: UInt8 = 1
    static let resetStream: UInt8 = 3
    static let settings: UInt8 = 4
    static let ping: UInt8 = 6
    static let windowUpdate: UInt8 = 8
  }

  /// The flags of those frames.
  enum Flag {
    static let endStream: UInt8 = 1
    static let acknowledgement: UInt8 = 1
    static let endHeaders: UInt8 = 4
  }

  private static let headerCount = 9

  private var header: [UInt8] = []
  private var payload: [UInt8] = []
  /// The bytes of the present frame's payload that have not arrived.
  private var left = 0

  private var type: UInt8 { header[3] }
  private var flags: UInt8 { header[4] }
  private var stream: UInt32 { header[5...].reduce(0) { $0 << 8 | UInt32($1) } & 0x7fff_ffff }

  /// The next part; nil if the rest has none that is complete.
  ///
  /// - Parameter index: where to begin; advanced past the scanned bytes.
  mutating func nextPart(in bytes: Span<UInt8>, from index: inout Int) -> Part? {
    while takeHeader(bytes, from: &index) {
      let run = index..<min(bytes.count, index + left)
      left -= run.count
      index = run.upperBound
      let isData = type == FrameType.data
      let endsStream = isData && flags & Flag.endStream != 0
      if isData, !run.isEmpty {
        let part = Part.body(stream: stream, run)
        // The end of the stream is a part of its own.
        if left == 0, !endsStream { header.removeAll(keepingCapacity: true) }
        return part
      }
      for position in run { payload.append(bytes[position]) }
      guard left == 0 else { return nil }
      defer {
        header.removeAll(keepingCapacity: true)
        payload = []
      }
      if endsStream { return .end(stream: stream) }
      if !isData { return .frame(type: type, flags: flags, stream: stream, payload: payload) }
    }
    return nil
  }

  private mutating func takeHeader(_ bytes: Span<UInt8>, from index: inout Int) -> Bool {
    guard header.count < Self.headerCount else { return true }
    while header.count < Self.headerCount {
      guard index < bytes.count else { return false }
      header.append(bytes[index])
      index += 1
    }
    left = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
    return true
  }
}
