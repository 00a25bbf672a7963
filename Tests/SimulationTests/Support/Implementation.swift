import EdgeCore
import Wire

/// The points at which a mutant differs from the project.
struct Implementation {
  /// How a hub orders its subscription.
  var subscriptionOrder: () -> any SubscriptionOrder = { OrderOfArrival() }
  /// The messages of a hub that are passed on at once, even if other hubs sent them already.
  var bypassesMerge: (Message) -> Bool = { _ in false }
  /// How a client's request is interpreted.
  var resumption: (Subscription) -> Subscription = { $0 }
  /// Whether a hub ignores totals below those it sent.
  var ignoresDeficits = false
  /// The messages of a hub that an edge never receives.
  var loses: (Message) -> Bool = { _ in false }
  /// The releases that a worker forgets, by reason.
  var forgets: (CloseReason) -> Bool = { _ in false }
  /// The releases that a worker performs twice.
  var isToldTwice: (CloseReason) -> Bool = { _ in false }
  /// The streams that a worker closes for a page.
  var match: (ClientMatch) -> ClientMatch = { $0 }
  /// Whether a client that is rejected keeps its place.
  var refusalKeepsPlace = false
  /// A stage before an edge's mirror.
  var mergeStage: () -> any MergeStage = { Untouched() }
}
