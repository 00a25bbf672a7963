extension Array {
  /// Takes out all elements, without a copy.
  package mutating func takeAll() -> [Element] {
    var taken: [Element] = []
    swap(&taken, &self)
    return taken
  }
}
