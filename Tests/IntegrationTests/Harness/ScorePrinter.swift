import Foundation
import Primitives

/// A program that follows the scores, and prints a line for each event: its name, and what the totals are that it named.
/// Lines with a `#` in front are what else it has to say.
final class ScorePrinter {
  /// What it printed so far.
  struct Book {
    var totals: [ScoreID: UInt64] = [:]
    /// How many events there were of each name.
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
    // Of the environment of the tests it has nothing: so a proxy that is named there is none of its own.
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

  /// Not by the reader of what edges send, for each language writes JSON with spaces of its own. A last line may be half there.
  private static func scores(_ data: Substring) -> [ScoreID: UInt64] {
    let scores = (try? JSONDecoder().decode([String: UInt64].self, from: Data(data.utf8))) ?? [:]
    return scores.reduce(into: [:]) { result, entry in
      if let id = try? ScoreID(entry.key) { result[id] = entry.value }
    }
  }

  /// The end of what it printed, for the message of a failure.
  var end: String { process.log.split(separator: "\n").suffix(12).joined(separator: "\n") }
}
