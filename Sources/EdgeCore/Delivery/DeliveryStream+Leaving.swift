extension DeliveryStream {
  /// Takes a client out that is to be told something more.
  ///
  /// - Returns: the rest of what it was cut in, which must be sent before anything else; empty for one in step.
  public func release(_ slot: Int32) -> [UInt8] {
    let rest = laggards[slot].map { Array($0.pending[$0.sent...]) } ?? []
    leave(slot)
    return rest
  }
}
