extension Array {
  /// The elements in arrays of at most `maximumCount` each; one empty array if there are none.
  func split(maximumCount: Int) -> [[Element]] {
    if count <= maximumCount { return [self] }
    return stride(from: 0, to: count, by: maximumCount).map { start in
      Array(self[start..<Swift.min(start + maximumCount, count)])
    }
  }
}
