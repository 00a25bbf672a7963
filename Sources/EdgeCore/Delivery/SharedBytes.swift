/// Bytes that many clients are sent. They live until the last client has taken them.
package final class SharedBytes: Sendable {
  /// The bytes.
  package let bytes: [UInt8]

  /// Takes the bytes over.
  package init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// Counts the shared bytes that are alive, and limits them: the memory for slow clients must not grow with their
/// number.
package struct SharedBytesBudget {
  /// Up to this many bytes of an opening are copied for each client, as a rule.
  package static let copiedMaximum = 4 * 1024
  /// The most bytes of openings that may be alive, as a rule.
  package static let sharedMaximum = 64 << 20

  private struct Entry {
    weak var shared: SharedBytes?
    let count: Int
  }

  private let countMinimum: Int
  private let limit: Int
  private var entries: [Entry] = []

  /// - Parameters:
  ///   - limit: how many bytes may be alive.
  ///   - countMinimum: shorter arrays are not counted, because a socket accepts them at once.
  package init(limit: Int, countMinimum: Int) {
    self.limit = limit
    self.countMinimum = countMinimum
  }

  /// Shares bytes; nil if that would exceed the limit.
  package mutating func share(_ bytes: [UInt8]) -> SharedBytes? {
    guard bytes.count >= countMinimum else { return SharedBytes(bytes) }
    entries.removeAll { $0.shared == nil }
    guard entries.reduce(bytes.count, { $0 + $1.count }) <= limit else { return nil }
    let shared = SharedBytes(bytes)
    entries.append(Entry(shared: shared, count: bytes.count))
    return shared
  }
}
