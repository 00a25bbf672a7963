/// How soon the next fence is due, by the result of the last one.
package enum FencePace: Equatable, Sendable {
  /// Nothing is in doubt.
  case routine
  /// Something was adopted or corrected: a fence soon checks whether that was right.
  case settling
  /// Adopted totals are held back until another fence has confirmed them.
  case confirming
  /// Drift must be observed again: see `DriftConfirmation`.
  case confirmation
}
