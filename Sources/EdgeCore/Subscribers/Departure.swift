/// A subscriber that is gone from its table, and what the driver still does about it: it takes the subscriber out of its
/// delivery, gives its place back, tells the link, and, if its connection is to hear of it, writes the last bytes.
public struct Departure: Sendable {
  /// Which one it was.
  public let client: ClientID
  /// What it was.
  public let subscriber: Subscriber
  /// What the link is told first, if it was still finding out with what the stream begins.
  public let withdrawn: OpeningClient?
  /// What its client is told behind the rest of what it was cut in.
  private let words: [UInt8]

  init(_ client: ClientID, _ subscriber: Subscriber, withdrawn: OpeningClient?, words: [UInt8] = []) {
    self.client = client
    self.subscriber = subscriber
    self.withdrawn = withdrawn
    self.words = words
  }

  /// The last bytes of its response.
  ///
  /// - Parameter rest: of what it was cut in, as its delivery returns it.
  public func lastBytes(after rest: [UInt8]) -> [UInt8] { rest + words }
}
