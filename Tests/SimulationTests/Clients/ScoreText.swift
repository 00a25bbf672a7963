import Primitives

/// Reads `{"1F4C2":2,"2665":3}`; nil if it is not of that form, or names an id twice. The ids must hold no quotes.
func readScores(_ text: String) -> [ScoreID: UInt64]? {
  guard text.hasPrefix("{"), text.hasSuffix("}") else { return nil }
  var scores: [ScoreID: UInt64] = [:]
  for member in text.dropFirst().dropLast().split(separator: ",") {
    let parts = member.split(separator: ":")
    guard parts.count == 2, parts[0].hasPrefix("\""), parts[0].hasSuffix("\""), let amount = UInt64(parts[1]),
      let id = try? ScoreID(String(parts[0].dropFirst().dropLast())), scores[id] == nil
    else { return nil }
    scores[id] = amount
  }
  return scores
}
