/// Suggests a correction for a mistyped word.
enum NearestText {
  /// The candidate at the smallest edit distance; nil if none is near.
  static func nearest(to text: String, among candidates: [String]) -> String? {
    let distances = candidates.map { (candidate: $0, distance: distance(text, $0)) }
    guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(2, best.candidate.utf8.count / 3) ? best.candidate : nil
  }

  /// The Levenshtein distance: how many bytes to insert, delete or replace.
  static func distance(_ source: String, _ target: String) -> Int {
    let target = Array(target.utf8)
    var row = Array(0...target.count)
    for (index, byte) in source.utf8.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in target.indices {
        let replaced = diagonal + (byte == target[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
      }
    }
    return row[target.count]
  }
}
