import Testing
import Transport

/// Records the calls of a connection, and runs a closure of the test.
final class ConnectionRecorder: ConnectionDelegate {
  private(set) var openings = 0
  private(set) var received: [UInt8] = []
  /// The number of bytes in each call.
  private(set) var counts: [Int] = []
  /// The backlog at each progress.
  private(set) var backlogs: [Int] = []
  private(set) var ends: [DisconnectReason] = []

  var onOpening: (Connection) -> Void = { _ in }
  var onReceiving: (Connection) -> Void = { _ in }
  var onProgress: (Connection) -> Void = { _ in }

  /// True if there was no call at all.
  var isSilent: Bool { openings == 0 && received.isEmpty && backlogs.isEmpty && ends.isEmpty }

  func connectionOpened(_ connection: Connection) {
    openings += 1
    onOpening(connection)
  }

  func connection(_ connection: Connection, received bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe received.append(contentsOf: $0) }
    counts.append(bytes.count)
    onReceiving(connection)
  }

  func connectionProgressed(_ connection: Connection) {
    backlogs.append(connection.backlog)
    onProgress(connection)
  }

  func connectionClosed(_ connection: Connection, because reason: DisconnectReason) {
    ends.append(reason)
  }
}

/// Bytes in which any two blocks of a power of two differ, so that a misplaced block is detected.
func pattern(_ count: Int) -> [UInt8] {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count)
  while bytes.count < count { bytes += patternBlock.prefix(count - bytes.count) }
  return bytes
}

/// Of a prime length; computed once, because tests are not optimized.
private let patternBlock: [UInt8] = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) }

/// Expects megabytes to be equal, and reports the first difference instead of printing them.
func expect(
  _ received: [UInt8], toBe expected: [UInt8], at location: SourceLocation = #_sourceLocation
) {
  if received == expected { return }
  let same = zip(received, expected).prefix { $0 == $1 }.count
  Issue.record(
    "\(received.count) bytes instead of \(expected.count), the first \(same) as expected",
    sourceLocation: location)
}
