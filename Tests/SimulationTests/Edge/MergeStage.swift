import Wire

/// A stage between the links and the edge's merge. It does nothing in an edge, and something wrong in a mutant.
protocol MergeStage {
  /// The message that the edge gets instead.
  mutating func received(_ message: Message) -> Message
}

/// The stage of a correct edge.
struct Untouched: MergeStage {
  mutating func received(_ message: Message) -> Message { message }
}
