import Primitives

/// Reads the data of an `eps` event, such as `{"1F4C2":2,"2665":3}`; nil if it has another form, or an id twice.
///
/// It compares ids by bytes, as Redis does: a dictionary with `String` keys, as from `JSONDecoder`, would lose one of
/// two canonically equivalent ids.
package func readScores(_ json: [UInt8]) -> [ScoreID: UInt64]? {
  var reader = ScoreReader(bytes: json)
  return reader.read()
}

/// A loop over bytes, because tests read many events, without optimization.
private struct ScoreReader {
  let bytes: [UInt8]
  var index = 0

  mutating func skip(_ mark: Unicode.Scalar) -> Bool {
    guard index < bytes.count, bytes[index] == UInt8(ascii: mark) else { return false }
    index += 1
    return true
  }

  mutating func read() -> [ScoreID: UInt64]? {
    var scores: [ScoreID: UInt64] = [:]
    guard skip("{") else { return nil }
    if !skip("}") {
      repeat {
        guard let id = readID(), skip(":"), let amount = readAmount(),
          scores.updateValue(amount, forKey: id) == nil
        else { return nil }
      } while skip(",")
      guard skip("}") else { return nil }
    }
    return index == bytes.count ? scores : nil
  }

  private mutating func readID() -> ScoreID? {
    guard skip("\"") else { return nil }
    var text: [UInt8] = []
    while !skip("\"") {
      // Of the characters in an id, no other one is escaped.
      if skip("\\"), index < bytes.count, bytes[index] != UInt8(ascii: "\""),
        bytes[index] != UInt8(ascii: "\\")
      {
        return nil
      }
      guard index < bytes.count else { return nil }
      text.append(bytes[index])
      index += 1
    }
    return try? ScoreID(text)
  }

  private mutating func readAmount() -> UInt64? {
    let start = index
    while index < bytes.count, bytes[index].isASCIIDigit { index += 1 }
    return UInt64(String(decoding: bytes[start..<index], as: UTF8.self))
  }
}
