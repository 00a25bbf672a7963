import EdgeCore
import Wire

/// The places at which a mutant differs from the project.
struct Implementation {
  /// How a hub takes in its subscription.
  var subscriptionOrder: () -> any SubscriptionOrder = { OrderOfArrival() }
  /// Which messages of a hub go on as they come, whatever other hubs sent already.
  var bypassesMerge: (Message) -> Bool = { _ in false }
  /// What a client is taken to have asked for.
  var resumption: (Subscription) -> Subscription = { $0 }
  /// Whether a hub takes no notice of totals that are less than it told.
  var ignoresDeficits = false
  /// Which messages of a hub an edge never gets.
  var loses: (Message) -> Bool = { _ in false }
  /// Which clients that it lets go a worker forgets.
  var forgets: (CloseReason) -> Bool = { _ in false }
  /// Which of them are told twice.
  var isToldTwice: (CloseReason) -> Bool = { _ in false }
  /// Whose streams a worker closes for a page.
  var match: (ClientMatch) -> ClientMatch = { $0 }
  /// Whether a client that is turned away keeps the place that it was promised.
  var refusalKeepsPlace = false
  /// What stands before an edge's mirror.
  var mergeStage: () -> any MergeStage = { Untouched() }
}
