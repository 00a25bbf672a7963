/// The results of all fences since the start. No count ever falls.
package struct FenceCounters: Equatable, Sendable {
  /// Fences that found totals.
  package internal(set) var fences: UInt64 = 0
  /// Increments that were missed while the feed was interrupted; the next fence added them to the totals.
  package internal(set) var repairedAtReconnect: UInt64 = 0
  /// Increments without a message while the feed was live; a fence added them to the totals.
  package internal(set) var repairedWhileConnected: UInt64 = 0
  /// Missed increments of ids that have no room in the table, so edges cannot be told which ones.
  package internal(set) var unrepairable: UInt64 = 0
  /// How often drift vanished by itself, because the feeder sends total and message as two commands.
  package internal(set) var driftsExplained: UInt64 = 0
  /// Increments that edges were sent and that are in no total of Redis: they were taken back.
  package internal(set) var overcounted: UInt64 = 0
  /// How often something was taken back, so that edges and clients were reset within a lineage.
  package internal(set) var corrections: UInt64 = 0
  /// Lineages that began with a fence, including the one at the start.
  package internal(set) var lineagesBegun: UInt64 = 0

  /// Lineages that replaced another because Redis's totals went backwards; the one at the start does not count.
  package internal(set) var lineagesRenewed: UInt64 = 0

  /// Missed increments that fences repaired.
  package var repaired: UInt64 { repairedAtReconnect + repairedWhileConnected }
}
