import EdgeCore
import Primitives
import Testing
import Wire

/// A moment so many milliseconds after the beginning of a test.
func moment(_ milliseconds: Int64) -> Instant {
  Instant(nanoseconds: 1_000_000_000).advanced(by: .milliseconds(milliseconds))
}

func id(_ text: String) throws -> ScoreID { try ScoreID(text) }

func growth(_ pairs: [(String, UInt64)]) throws -> [ScoreGrowth] {
  try pairs.map { ScoreGrowth(id: try id($0.0), amount: $0.1) }
}

/// The sums in the `eps` events of a stream, by id. It knows just enough of the format for what we write.
func sums(in bytes: [UInt8]) throws -> [String: UInt64] {
  var sums: [String: UInt64] = [:]
  for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("data:{") {
    for pair in line.dropFirst(6).dropLast().split(separator: ",") {
      let parts = pair.split(separator: ":")
      let amount = try #require(UInt64(parts[1]))
      sums[String(parts[0].dropFirst().dropLast()), default: 0] += amount
    }
  }
  return sums
}
