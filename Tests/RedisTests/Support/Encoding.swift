import Redis

/// Writes a value as a server would.
func encoded(_ value: RESPValue) -> [UInt8] {
  switch value {
  case .simpleString(let text): Array("+\(text)\r\n".utf8)
  case .error(let text): Array("-\(text)\r\n".utf8)
  case .integer(let number): Array(":\(number)\r\n".utf8)
  case .bulk(nil): Array("$-1\r\n".utf8)
  case .bulk(let bytes?): Array("$\(bytes.count)\r\n".utf8) + bytes + Array("\r\n".utf8)
  case .array(nil): Array("*-1\r\n".utf8)
  case .array(let elements?): Array("*\(elements.count)\r\n".utf8) + elements.flatMap { encoded($0) }
  }
}

/// What a reader makes of bytes that arrive in these pieces.
func read(_ pieces: [[UInt8]], maximumByteCount: Int = RESPReader.defaultMaximumByteCount) throws(RESPError)
  -> [RESPValue]
{
  var reader = RESPReader(maximumByteCount: maximumByteCount)
  var values: [RESPValue] = []
  for piece in pieces {
    try reader.feed(piece)
    while let value = try reader.next() { values.append(value) }
  }
  return values
}

extension RESPValue {
  /// A string as Redis sends one.
  static func text(_ text: String) -> RESPValue { .bulk(Array(text.utf8)) }
}

/// A generator with a fixed seed (SplitMix64), so that a failure can be repeated.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
