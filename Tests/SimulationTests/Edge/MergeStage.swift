import Wire

/// What stands between a link and the mirror of the totals. In an edge, nothing; in a mutant, something wrong.
protocol MergeStage {
  /// What the mirror is given instead of a message.
  mutating func received(_ message: Message) -> Message
}

/// The right one.
struct Untouched: MergeStage {
  mutating func received(_ message: Message) -> Message { message }
}
