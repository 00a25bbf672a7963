/// What fences found, counted since the start. Nothing here ever falls.
public struct FenceLedger: Equatable, Sendable {
  /// Fences that found totals.
  public internal(set) var fences: UInt64 = 0
  /// Increments that were missed while the feed was interrupted: totals grew by them at the fence after it.
  public internal(set) var repairedAtReconnect: UInt64 = 0
  /// Increments that came without a message while the feed was live: totals grew by them.
  public internal(set) var repairedWhileConnected: UInt64 = 0
  /// Missed increments of ids that have no room in the table, so that nobody can be told which.
  public internal(set) var unrepairable: UInt64 = 0
  /// How often drift went by itself, since the feeder sends total and message as two commands.
  public internal(set) var driftsExplained: UInt64 = 0
  /// Increments that were told and are in no total of Redis's: they were taken back.
  public internal(set) var overcounted: UInt64 = 0
  /// How often something was taken back, so that edges and clients were reset within a lineage.
  public internal(set) var corrections: UInt64 = 0
  /// Lineages that began with a fence, the one at the start included.
  public internal(set) var lineagesBegun: UInt64 = 0

  /// Lineages that took the place of one that Redis's totals had before, since those went backwards: the one at the start is none.
  public internal(set) var lineagesRenewed: UInt64 = 0

  /// Increments that did not come and that fences repaired.
  public var repaired: UInt64 { repairedAtReconnect + repairedWhileConnected }
}
