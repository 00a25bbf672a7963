/// Values of recently written keys, in bounded memory: only the last keys written are kept.
struct RecentTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private var recent: [Key: Value] = [:]
  private var older: [Key: Value] = [:]
  private let countMinimum: Int

  /// - Parameter countMinimum: how many keys are kept at least; at most twice as many are.
  init(countMinimum: Int = 16_384) { self.countMinimum = countMinimum }

  /// How many values are kept.
  var count: Int { recent.count + older.count }

  /// The value of a key, nil if it is forgotten; writing makes the key the most recent one.
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
