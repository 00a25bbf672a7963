/// StatsD's lines, in datagrams that fit any network: gauges as they are, counters as what they grew by.
struct StatsDFormat {
  /// What fits an Ethernet frame with IPv6 and UDP, and then some for tunnels.
  static let datagramMaximum = 1_400

  private var counters: [String: Double] = [:]

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
    let earlier = counters.updateValue(figure.value, forKey: figure.path)
    guard let earlier, figure.value > earlier else { return nil }
    return Array("\(figure.path):\((figure.value - earlier).shortText)|c".utf8)
  }
}
