/// Bytes that many clients are sent, and that live as long as one of them has not had them all.
public final class SharedBytes: Sendable {
  /// The bytes.
  public let bytes: [UInt8]

  /// Shares bytes.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// How many bytes of that kind are alive: what slow clients are still to get must not grow with their number.
public struct SharedBytesLedger {
  private struct Entry {
    weak var shared: SharedBytes?
    let count: Int
  }

  private let countMinimum: Int
  private let limit: Int
  private var entries: [Entry] = []

  /// - Parameters:
  ///   - limit: how many bytes may be alive.
  ///   - countMinimum: shorter ones are not counted, for a socket takes them at once.
  public init(limit: Int, countMinimum: Int) {
    self.limit = limit
    self.countMinimum = countMinimum
  }

  /// Shares bytes; nil if that would be too many.
  public mutating func share(_ bytes: [UInt8]) -> SharedBytes? {
    guard bytes.count >= countMinimum else { return SharedBytes(bytes) }
    entries.removeAll { $0.shared == nil }
    guard entries.reduce(bytes.count, { $0 + $1.count }) <= limit else { return nil }
    let shared = SharedBytes(bytes)
    entries.append(Entry(shared: shared, count: bytes.count))
    return shared
  }
}
