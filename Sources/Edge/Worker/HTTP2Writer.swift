import EdgeCore
import Primitives
import Reactor

/// Writes to streams of HTTP/2 connections: makes frames, and then writes each connection once.
struct HTTP2Writer: BatchWriter {
  private let group: HTTP2Group
  private var results: [BatchResult] = []

  /// - Parameter group: the connections of the worker.
  init(_ group: HTTP2Group) { self.group = group }

  mutating func write(_ bytes: [UInt8], toEach streams: ArraySlice<HTTP2Stream>) {
    var result = BatchResult(startedAt: MonotonicClock.now())
    for (index, stream) in streams.enumerated() {
      let outcome = stream.write(bytes, from: 0)
      if outcome != .accepted(bytes.count) { result.short.append((index, outcome)) }
    }
    results.append(result)
  }

  mutating func finish() -> [BatchResult] {
    group.flush()
    let end = MonotonicClock.now()
    for index in results.indices { results[index].endedAt = end }
    return results.takeAll()
  }

  mutating func write(_ bytes: [UInt8], from start: Int, to stream: HTTP2Stream) -> WriteOutcome {
    stream.write(bytes, from: start)
  }
}
