/// StatsD's lines, in datagrams that fit any network: gauges as they are, counters as what they grew by.
///
/// What a counter grew by is a whole number, for a server may round a fraction, or refuse it: times are counted in microseconds.
struct StatsDFormat {
  /// What fits an Ethernet frame with IPv6 and UDP, and then some for tunnels.
  static let datagramMaximum = 1_400

  private var counters: [String: UInt64] = [:]

  /// The datagrams. A counter is first told of with its second value: what came before was nobody's growth.
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
    // Only the whole is rounded, so that no part of the growth is ever lost.
    guard let value = UInt64(exactly: (figure.value * scale).rounded()) else { return nil }
    let earlier = counters.updateValue(value, forKey: path)
    guard let earlier, value > earlier else { return nil }
    return Array("\(path):\(value - earlier)|c".utf8)
  }
}
