extension DeliveryStream {
  /// Takes a client out that is to be told something more.
  ///
  /// - Returns: the rest of what it was cut in, or of its opening, which must be sent before anything else; empty for
  ///   one in step.
  public func release(_ slot: Int32) -> [UInt8] {
    var rest: [UInt8] = []
    if let laggard = laggards[slot] {
      rest += laggard.pending[laggard.sent...]
      rest += laggard.following?.bytes.dropFirst(laggard.followingStart) ?? []
    }
    leave(slot)
    return rest
  }
}
