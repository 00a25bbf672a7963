import Foundation

/// The examples in `Sources/Wire/PROTOCOL.md`, which are the golden vectors of the protocol.
enum ProtocolExamples {
  /// The frames by their names.
  static func all() throws -> [(name: String, bytes: [UInt8])] {
    let document = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources/Wire/PROTOCOL.md").standardizedFileURL
    var found: [(name: String, bytes: [UInt8])] = []
    var isWithin = false
    for line in try String(contentsOf: document, encoding: .utf8).split(separator: "\n") {
      if line.hasPrefix("```hex ") {
        found.append((String(line.dropFirst(7)), []))
        isWithin = true
      } else if line == "```" {
        isWithin = false
      } else if isWithin {
        // The bytes of a line end at its explanation, after two spaces.
        let digits = (line.firstRange(of: "  ").map { line[..<$0.lowerBound] } ?? line).compactMap(
          \.hexDigitValue)
        found[found.count - 1].bytes += stride(from: 0, to: digits.count - 1, by: 2).map {
          UInt8(digits[$0] << 4 | digits[$0 + 1])
        }
      }
    }
    return found
  }

  /// Frames of a sender: each alone, and all after a beginning.
  static func streams(beginningWith name: String, _ isIncluded: (UInt8) -> Bool) throws -> [[UInt8]] {
    let all = try all()
    guard let first = all.first(where: { $0.name == name }) else { throw Finding("no example '\(name)'") }
    let frames = all.filter { $0.bytes.count > 4 && isIncluded($0.bytes[4]) && $0.name != name }.map(\.bytes)
    return [first.bytes + frames.joined()] + frames.map { first.bytes + $0 } + frames
  }
}
