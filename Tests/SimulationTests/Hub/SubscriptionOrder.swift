import HubCore

/// The order in which a hub handles messages of its subscription. A hub keeps the order of arrival; a mutant does
/// not.
protocol SubscriptionOrder {
  /// A message arrived. Returns the messages for the machine now, in order.
  mutating func received(_ message: PublishedMessage) -> [PublishedMessage]
}

/// A message with its channel.
struct PublishedMessage {
  let channel: [UInt8]
  let payload: [UInt8]
}

/// The order of a correct hub.
struct OrderOfArrival: SubscriptionOrder {
  mutating func received(_ message: PublishedMessage) -> [PublishedMessage] { [message] }
}
