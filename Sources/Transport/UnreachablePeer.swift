import Reactor

/// The failed attempts to connect to a peer.
package struct UnreachablePeer: Equatable, Sendable, CustomStringConvertible {
  /// A failed attempt.
  package struct Attempt: Equatable, Sendable {
    /// The address that was tried.
    package let address: SocketAddress
    /// Why it failed; nil if the address did not answer in time.
    package let failure: SystemError?
  }

  /// The attempts that were made.
  package let attempts: [Attempt]
  /// How many addresses were not tried.
  package let untried: Int

  /// `no connection to 192.0.2.1:8010 (no answer), [2001:db8::1]:8010 (connect: Network is unreachable)`. The order
  /// does not depend on the name server's, so that repeated failures give the same log line.
  package var description: String {
    var parts = attempts.map { "\($0.address) (\($0.failure?.description ?? "no answer"))" }.sorted()
    if untried > 0 { parts.append("and \(untried) more that were not tried") }
    return "no connection to " + parts.joined(separator: ", ")
  }
}
