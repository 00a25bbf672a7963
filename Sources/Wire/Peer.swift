/// One of the two sides of a link.
package enum Peer: String, Sendable, CaseIterable {
  /// The side that connects, says hello, and serves clients.
  case edge
  /// The side that listens, and sends the scores.
  case hub
}
