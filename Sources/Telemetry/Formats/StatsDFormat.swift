/// StatsD's lines, in datagrams that fit any network: gauges as they are, counters as their growth.
///
/// The growth of a counter is sent as a whole number, because a server may round or refuse a fraction: times are
/// counted in microseconds.
struct StatsDFormat {
  /// The bytes that fit an Ethernet frame with IPv6 and UDP, with some room for tunnels.
  static let datagramMaximum = 1_400

  private var counters: [String: UInt64] = [:]

  /// The datagrams. A counter is sent from its second value on: the growth before the first one is not known.
  mutating func datagrams(_ figures: [FigureList.Figure]) -> [[UInt8]] {
    var datagrams: [[UInt8]] = []
    var bytes: [UInt8] = []
    for figure in figures {
      guard let line = line(of: figure) else { continue }
      if !bytes.isEmpty, bytes.count + 1 + line.count > Self.datagramMaximum {
        datagrams.append(bytes)
        bytes = []
      }
      if !bytes.isEmpty { bytes.append(UInt8(ascii: "\n")) }
      bytes.append(contentsOf: line)
    }
    if !bytes.isEmpty { datagrams.append(bytes) }
    return datagrams
  }

  private mutating func line(of figure: FigureList.Figure) -> [UInt8]? {
    guard figure.isCumulative else { return Array("\(figure.path):\(figure.value.shortText)|g".utf8) }
    let path = figure.microsecondsPath ?? figure.path
    let scale = figure.microsecondsPath == nil ? 1.0 : 1e6
    // Only the value is rounded, not the growth, so that no part of the growth is lost.
    guard let value = UInt64(exactly: (figure.value * scale).rounded()) else { return nil }
    let earlier = counters.updateValue(value, forKey: path)
    guard let earlier, value > earlier else { return nil }
    return Array("\(path):\(value - earlier)|c".utf8)
  }
}
