/// How soon the next fence is due, by the result of the last one.
public enum FencePace: Equatable, Sendable {
  /// Nothing is in doubt.
  case routine
  /// Something was adopted or corrected: a fence soon sees whether that was right.
  case settling
  /// What was adopted is held back until another fence has confirmed it.
  case confirming
  /// Drift is looked at again: see `DriftProbation`.
  case probation
}
