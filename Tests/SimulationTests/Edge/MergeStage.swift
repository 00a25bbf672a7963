import Wire

/// What stands between the links and what an edge makes of their messages. In an edge, nothing; in a mutant, something wrong.
protocol MergeStage {
  /// What the edge is given instead of a message.
  mutating func received(_ message: Message) -> Message
}

/// The right one.
struct Untouched: MergeStage {
  mutating func received(_ message: Message) -> Message { message }
}
