extension LoadReport.Check {
  /// Compares what clients got with what there was to get, or with each other: then most of them set the standard.
  init(of tallies: [StreamTally], expected: UInt64?) {
    self.expected = expected
    clients = tallies.count
    let contents = tallies.map { Content(amount: $0.amount, hash: $0.hash) }
    let counts = Dictionary(contents.map { ($0, 1) }, uniquingKeysWith: +)
    // Where several are equally common, the greatest: whoever got less has missed something.
    let usual = counts.max {
      ($0.value, $0.key.amount, $0.key.hash) < ($1.value, $1.key.amount, $1.key.hash)
    }?.key
    for content in contents {
      // What all must have got is known by its amount, and that they got it in the same order by the usual hash.
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
