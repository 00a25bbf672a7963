extension UInt64 {
  /// The sum, or the greatest value on overflow: what a peer reports may be anything.
  package func addingClamped(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
