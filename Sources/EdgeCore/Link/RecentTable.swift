/// Remembers something about each of the keys that were written of late, in bounded memory: what was not among the
/// last so many distinct keys is forgotten.
struct RecentTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private var recent: [Key: Value] = [:]
  private var older: [Key: Value] = [:]
  private let countMinimum: Int

  /// - Parameter countMinimum: how many keys are remembered at the least; at most twice as many are.
  init(countMinimum: Int = 16_384) { self.countMinimum = countMinimum }

  /// How many values are kept.
  var count: Int { recent.count + older.count }

  /// What is remembered of a key; writing makes it the latest one.
  subscript(key: Key) -> Value? {
    get { recent[key] ?? older[key] }
    set {
      if recent.count >= countMinimum && recent[key] == nil {
        older = recent
        recent = [:]
      }
      recent[key] = newValue
    }
  }
}
