/// A fence off by one: the nonce is passed on one message too late.
struct LateNonce: SubscriptionOrder {
  private var held: PublishedMessage?

  mutating func received(_ message: PublishedMessage) -> [PublishedMessage] {
    if let nonce = held {
      held = nil
      return [message, nonce]
    }
    guard message.channel == Array("stream.relay_fence".utf8) else { return [message] }
    held = message
    return []
  }
}
