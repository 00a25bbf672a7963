import PlantedFaults

/// The clients that are in step with a stream, and how far the present flush has come among them.
///
/// A flush to very many clients is written in slices, with turns in between in which clients may join and leave. The
/// clients that the flush has not reached yet are the first ones; slices are taken from their end.
struct ClientsInStep<Channel> {
  /// The channels; same order as ``slots``.
  private(set) var channels: [Channel] = []
  private(set) var slots: [Int32] = []
  private var places: [Int32: Int] = [:]
  /// How many of the first clients the present flush has not reached.
  private(set) var unreachedCount = 0

  /// The channel of a client; nil if it is not in step.
  func channel(of slot: Int32) -> Channel? { places[slot].map { channels[$0] } }

  /// Whether the present flush has not reached a client yet.
  func isUnreached(_ slot: Int32) -> Bool { places[slot].map { $0 < unreachedCount } ?? false }

  /// Adds a client. The present flush is not for it.
  mutating func join(_ slot: Int32, _ channel: Channel) {
    places[slot] = slots.count
    slots.append(slot)
    channels.append(channel)
  }

  /// Removes a client. Others change their places.
  mutating func leave(_ slot: Int32) {
    guard var place = places.removeValue(forKey: slot) else { return }
    if place < unreachedCount, !planted(.sliceShifted) {
      unreachedCount -= 1
      move(unreachedCount, to: place)
      place = unreachedCount
    }
    move(slots.count - 1, to: place)
    slots.removeLast()
    channels.removeLast()
  }

  private mutating func move(_ from: Int, to place: Int) {
    guard from != place else { return }
    slots[place] = slots[from]
    channels[place] = channels[from]
    places[slots[place]] = place
  }

  /// A flush begins, which has reached no client.
  mutating func beginFlush() { unreachedCount = slots.count }

  /// Takes some of the clients that the flush has not reached.
  ///
  /// - Returns: their places; empty if it has reached all.
  mutating func takeSlice(atMost count: Int) -> Range<Int> {
    let slice = max(0, unreachedCount - count)..<unreachedCount
    unreachedCount = slice.lowerBound
    return slice
  }
}
