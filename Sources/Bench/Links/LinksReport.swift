import Primitives

/// The figures of a run with many linked edges.
struct LinksReport {
  var edges = 0
  /// How many edges had linked, and received all totals, when the measurement began.
  var linked = 0
  /// How many were no longer fresh at the end.
  var lost = 0
  var linking = Duration.zero
  var measured = Duration.zero
  /// The hub before the first link, with all idle links, and at the end.
  var before = ProcessSample()
  var idle = ProcessSample()
  var end = ProcessSample()
  var frames: UInt64 = 0
  var bytes: UInt64 = 0
  /// The scores written into Redis.
  var written: UInt64 = 0
  /// How many different positions the edges ended at.
  var positions = 0

  /// The counts so far do not belong to the measurement.
  mutating func countedFrom(_ edges: [LinkedEdge]) {
    frames = edges.reduce(0) { $0 + $1.framesReceived }
    bytes = edges.reduce(0) { $0 + $1.bytesReceived }
  }

  mutating func counted(_ edges: [LinkedEdge]) {
    frames = edges.reduce(0) { $0 + $1.framesReceived } - frames
    bytes = edges.reduce(0) { $0 + $1.bytesReceived } - bytes
  }

  /// Whether all edges linked, stayed, and ended at one position.
  var isGood: Bool { linked == edges && lost == 0 && positions == 1 }

  /// The report as lines of a name and a text.
  var rows: [[String]] {
    let seconds = Double(measured.wholeNanoseconds) / 1e9
    let links = Double(max(linked, 1))
    let cores = Double(end.cpuNanoseconds - idle.cpuNanoseconds) / 1e9 / seconds
    let memory = Double(idle.residentBytes) - Double(before.residentBytes)
    return [
      ["edges", "\(linked) of \(edges) linked in \(linking.wholeMilliseconds) ms; \(lost) lost"],
      ["measured", "\(NumberText.decimal(seconds, 2)) s, \(NumberText.grouped(written)) scores written"],
      [
        "for each edge",
        "\(NumberText.decimal(Double(frames) / links / seconds, 1)) frames and "
          + "\(NumberText.decimal(Double(bytes) / links / seconds / 1000, 2)) kB a second",
      ],
      [
        "CPU of the hub",
        "\(NumberText.decimal(cores, 3)) cores; \(NumberText.decimal(cores / links * 1e6, 1)) µs a second for each edge",
      ],
      [
        "memory of the hub",
        "\(NumberText.decimal(Double(end.residentBytes) / 1_048_576, 1)) MiB; "
          + "\(NumberText.decimal(memory / links / 1024, 1)) KiB for each idle link",
      ],
      [
        "check",
        positions == 1 ? "all edges ended at one position" : "\(positions) different positions at the end",
      ],
    ]
  }
}
