public import Primitives

/// What follows from the totals of a fence.
public enum FenceVerdict: Equatable, Sendable {
  /// The next fence is due so soon.
  case next(FencePace)
  /// The totals went backwards, or bear a name that was given up: their history must have a name other than this one, and is read
  /// again at once.
  case renameLineage(Lineage)
}
