import PlantedFaults

/// A subscriber that has left its table. The driver removes it from its delivery, gives its place back, tells the
/// link, and writes the last bytes if the connection is still open.
package struct Departure: Sendable {
  /// The subscriber's id.
  package let client: ClientID
  /// The subscriber.
  package let subscriber: Subscriber
  /// What the driver withdraws from the link first; nil unless the link was still preparing the stream's beginning.
  package let withdrawn: OpeningClient?
  /// The last bytes for the client, after the rest of the event in which it was cut.
  private let words: [UInt8]

  init(_ client: ClientID, _ subscriber: Subscriber, withdrawn: OpeningClient?, words: [UInt8] = []) {
    self.client = client
    self.subscriber = subscriber
    self.withdrawn = withdrawn
    self.words = words
  }

  /// The last bytes of the response.
  ///
  /// - Parameter rest: the rest of the event in which the client was cut, as its delivery returns it.
  package func lastBytes(after rest: [UInt8]) -> [UInt8] {
    rest + words + (planted(.releasedTwice) ? words : [])
  }
}
