import Foundation
import Primitives

/// Streams that one `curl` reads over HTTP/2: all of them over one connection, each into a file of its own.
final class CurlStreams {
  private let process: ChildProcess
  private let files: [URL]

  /// - Parameters:
  ///   - urls: one for each stream.
  ///   - flags: how it connects.
  init(_ urls: [String], _ flags: [String], in folder: URL) throws {
    let own = folder.appending(path: "curl-\(UInt32.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
    files = urls.indices.map { own.appending(path: "\($0)") }
    let outputs = zip(urls, files).flatMap { [$0, "--output", $1.path] }
    process = try ChildProcess(
      "curl", "curl",
      ["--silent", "--show-error", "--no-buffer", "--parallel", "--parallel-max", "\(urls.count)"] + flags
        + outputs,
      log: own.appending(path: "log").path)
  }

  /// The events so far, by stream.
  var streams: [EventStreamParser] {
    files.map { file in
      var parser = EventStreamParser()
      parser.append((try? Data(contentsOf: file)) ?? Data())
      return parser
    }
  }

  /// The sums of the events so far, by stream.
  var sums: [[ScoreID: UInt64]] {
    streams.map { stream in
      stream.events.reduce(into: [:]) { sums, event in
        let growth = try? JSONDecoder().decode([String: UInt64].self, from: Data(event.data))
        for (id, amount) in growth ?? [:] {
          if let id = try? ScoreID(id) { sums[id, default: 0] += amount }
        }
      }
    }
  }

  /// How curl ended; nil while it runs.
  var end: ProcessEnd? { process.poll() }

  /// What curl says about errors.
  var log: String { process.log }

  func kill() { process.kill() }
}
