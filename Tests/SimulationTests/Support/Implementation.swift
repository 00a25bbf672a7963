/// The places at which a mutant differs from the project.
struct Implementation {
  /// How a hub takes in its subscription.
  var subscriptionOrder: () -> any SubscriptionOrder = { OrderOfArrival() }
  /// What stands before an edge's mirror.
  var mergeStage: () -> any MergeStage = { Untouched() }
}
