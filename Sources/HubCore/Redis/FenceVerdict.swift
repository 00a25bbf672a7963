import Primitives

/// What follows from the totals of a fence.
package enum FenceVerdict: Equatable, Sendable {
  /// The next fence follows at this pace.
  case next(FencePace)
  /// The totals went backwards, or have a name that was given up. Their history must get another name than this one,
  /// and is read again at once.
  case renameLineage(Lineage)
}
