extension LoadReport.Check {
  /// Compares what clients received with the expected amount or, without one, with what most of them received.
  init(of tallies: [StreamTally], expected: UInt64?) {
    self.expected = expected
    clients = tallies.count
    let contents = tallies.map { Content(amount: $0.amount, hash: $0.hash) }
    let counts = Dictionary(contents.map { ($0, 1) }, uniquingKeysWith: +)
    // Among equally common amounts the greatest: a client with less has missed something.
    let usual = counts.max {
      ($0.value, $0.key.amount, $0.key.hash) < ($1.value, $1.key.amount, $1.key.hash)
    }?.key
    for content in contents {
      // The common amount is known; that all clients received it in the same order follows from the most common hash.
      let amount = expected ?? usual?.amount ?? 0
      if content.amount == amount, content.hash == usual?.hash { exact += 1 }
      deviation += content.amount > amount ? content.amount - amount : amount - content.amount
    }
  }

  private struct Content: Hashable {
    let amount: UInt64
    let hash: UInt64
  }
}
