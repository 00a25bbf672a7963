/// Graphite's plaintext protocol: `path value seconds`, one line each.
enum GraphiteFormat {
  static func bytes(_ figures: [FigureList.Figure], unixSeconds: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    for figure in figures {
      bytes.append(contentsOf: "\(figure.path) \(figure.value.shortText) \(unixSeconds)\n".utf8)
    }
    return bytes
  }
}

extension Double {
  /// The number without a fraction if it is whole.
  var shortText: String {
    self >= 0 && self < 9e15 && self == Double(UInt64(self)) ? String(UInt64(self)) : description
  }
}
