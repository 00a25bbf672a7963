extension DeliveryStream {
  /// Removes a client that is to be sent something more.
  ///
  /// - Returns: the rest of its pending bytes or opening, which must be sent before anything else; empty for a client
  ///   in step.
  package func release(_ slot: Int32) -> [UInt8] {
    var rest: [UInt8] = []
    if let laggard = laggards[slot] {
      rest += laggard.pending[laggard.sent...]
      rest += laggard.following?.bytes.dropFirst(laggard.followingStart) ?? []
    }
    leave(slot)
    return rest
  }
}
