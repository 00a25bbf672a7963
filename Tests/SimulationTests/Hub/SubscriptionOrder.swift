import HubCore

/// How a hub takes in what its subscription brings. A hub takes it as it comes; a mutant does not.
protocol SubscriptionOrder {
  /// A message came; what is handed to the machine now, in order.
  mutating func received(_ message: PublishedMessage) -> [PublishedMessage]
}

/// A message of a channel.
struct PublishedMessage {
  let channel: [UInt8]
  let payload: [UInt8]
}

/// The right one.
struct OrderOfArrival: SubscriptionOrder {
  mutating func received(_ message: PublishedMessage) -> [PublishedMessage] { [message] }
}
