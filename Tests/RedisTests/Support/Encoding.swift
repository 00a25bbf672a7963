import Redis

/// The encoding of a value, as a server sends it.
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

/// The replies of a reader to bytes that arrive in these pieces.
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
  /// A bulk string.
  static func text(_ text: String) -> RESPValue { .bulk(Array(text.utf8)) }
}
