/// A place where bytes of others enter the product, and what must be true whatever they are.
///
/// The same functions are run by libFuzzer (`make fuzz`, `Driver/Fuzz.swift`), and for some thousand seeded mutations
/// by an ordinary test (`FuzzTests.swift`).
struct FuzzTarget: Sendable {
  /// The value of `TARGET=` in `make fuzz`.
  let name: String
  /// What the bytes are.
  let subject: String
  /// The greatest input, in bytes: somewhat more than the limits that it should meet.
  let sizeMaximum: Int
  /// Valid inputs to begin with.
  let seeds: @Sendable () throws -> [[UInt8]]
  /// Throws a ``Finding`` if something is not as it must be. A trap is a finding too.
  let check: @Sendable ([UInt8]) throws -> Void
}

/// What is not as it must be.
struct Finding: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Throws a finding unless a condition is true.
func demand(_ condition: Bool, _ text: @autoclosure () -> String) throws(Finding) {
  if !condition { throw Finding(text()) }
}

extension FuzzTarget {
  static let all: [FuzzTarget] = [
    .http1, .http2, .proxy, .fromEdges, .fromHubs, .redis, .settings, .resume, .admin, .records,
  ]
}
