import Foundation
import Primitives
import Testing

/// A program that follows the scores, and prints a line for each event: its name, and the new totals of its ids.
/// Lines that begin with `#` are other messages.
final class ScorePrinter {
  /// The parsed output so far.
  struct Book {
    var totals: [ScoreID: UInt64] = [:]
    /// The number of events of each name.
    var counts: [String: Int] = [:]
    /// The data of the resets.
    var resets: [String] = []
  }

  let name: String
  let process: ChildProcess

  init(
    _ name: String, _ command: [String], environment: [String: String] = [:], in deployment: Deployment
  ) throws {
    self.name = name
    // It inherits nothing of the tests' environment, so that it uses no proxy that is named there.
    process = try ChildProcess(
      name, command[0], Array(command.dropFirst()),
      environment: ["HOME": deployment.folder.path, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"]
        .merging(environment) { $1 },
      log: deployment.folder.appending(path: "\(name).log").path)
  }

  var book: Book {
    process.log.split(separator: "\n").reduce(into: Book()) { book, line in
      guard !line.hasPrefix("#"), let space = line.firstIndex(of: " ") else { return }
      let (event, data) = (String(line[..<space]), line[line.index(after: space)...])
      book.counts[event, default: 0] += 1
      switch event {
      case "reset": book.resets.append(String(data))
      case "snapshot": book.totals = Self.scores(data)
      case "message": book.totals.merge(Self.scores(data)) { $1 }
      default: break
      }
    }
  }

  /// The edge's own parser would not do, because each language writes JSON with other spaces. The last line may be
  /// incomplete.
  private static func scores(_ data: Substring) -> [ScoreID: UInt64] {
    let scores = (try? JSONDecoder().decode([String: UInt64].self, from: Data(data.utf8))) ?? [:]
    return scores.reduce(into: [:]) { result, entry in
      if let id = try? ScoreID(entry.key) { result[id] = entry.value }
    }
  }

  /// The end of its output, for the message of a failure.
  var end: String { process.log.split(separator: "\n").suffix(12).joined(separator: "\n") }
}

extension Deployment {
  /// Writes tweets for three seconds. Each program must then have printed exactly what Redis counted.
  func expectExactSums(of printers: [ScorePrinter]) throws {
    let redis = try redis.client()
    let before = try redis.totals()
    let feed = try TweetFeed(self.redis.address)
    letPass(.seconds(3))
    try feed.stop()
    let grown = growth(from: before, to: try redis.totals())
    #expect(!grown.isEmpty)
    for printer in printers {
      try? wait(for: "the sums of \(printer.name)") { printer.book.totals == grown }
      #expect(printer.book.totals == grown, "\(printer.name): \(printer.end)")
    }
  }
}
