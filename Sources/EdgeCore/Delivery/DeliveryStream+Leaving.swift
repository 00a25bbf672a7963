extension DeliveryStream {
  /// Removes a client that is to be sent something more.
  ///
  /// - Returns: the rest of its pending bytes or opening, or of a flush that has not reached it, which must be sent
  ///   before anything else.
  package func release(_ slot: Int32) -> [UInt8] {
    var rest = unreachedPayload(of: slot)
    if let laggard = laggards[slot] {
      rest += laggard.pending[laggard.sent...]
      rest += laggard.following?.bytes.dropFirst(laggard.followingStart) ?? []
    }
    leave(slot)
    return rest
  }
}
