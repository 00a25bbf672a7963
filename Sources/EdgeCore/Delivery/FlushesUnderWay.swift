/// The flushes that have not reached every client, the oldest first, and how much of them is written in one turn.
struct FlushesUnderWay<Channel> {
  /// The clients of a stream that are written to in one turn.
  struct Slice {
    let stream: DeliveryStream<Channel>
    let payload: [UInt8]
    /// Their places in the stream's arrays.
    let places: Range<Int>

    /// Their channels, until one of them leaves. Copying thousands of them would cost more than the rest of a flush.
    var channels: ArraySlice<Channel> { stream.channels[places] }
  }

  private(set) var streams: [DeliveryStream<Channel>] = []
  var pace = SlicePace()
  /// The most clients that are written to in one turn; nil if ``pace`` decides.
  private let sliceMaximum: Int?

  init(sliceMaximum: Int?) { self.sliceMaximum = sliceMaximum }

  var isEmpty: Bool { streams.isEmpty }

  mutating func begin(_ payload: [UInt8], of stream: DeliveryStream<Channel>) {
    stream.begin(payload)
    streams.append(stream)
  }

  /// Takes what is written in this turn.
  mutating func takeSlices() -> [Slice] {
    var allowance = sliceMaximum ?? pace.allowance
    var slices: [Slice] = []
    while allowance > 0, let stream = streams.first, let payload = stream.flush?.payload {
      let places = stream.takeSlice(atMost: allowance)
      slices.append(Slice(stream: stream, payload: payload, places: places))
      allowance -= places.count
      if places.lowerBound == 0 { streams.removeFirst() }
    }
    return slices
  }
}
