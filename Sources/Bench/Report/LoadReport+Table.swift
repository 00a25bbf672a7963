import Primitives

extension LoadReport {
  /// The report as rows of a name and a value.
  var rows: [[String]] {
    var rows = [
      ["stream", target],
      [
        "clients",
        "\(NumberText.grouped(streaming)) of \(NumberText.grouped(counts.clients)) streaming"
          + (streamsPerClient.map { ", \($0) streams over HTTP/2 each" } ?? ""),
      ],
      ["connecting", Self.quantiles(of: connecting)],
      ["measured", "\(NumberText.decimal(seconds)) s"],
      [
        "events",
        "\(NumberText.grouped(tally.events)), \(NumberText.decimal(eventsPerStreamSecond)) a second for each stream",
      ],
      [
        "bytes", "\(NumberText.grouped(tally.bytes)), \(NumberText.decimal(bytesPerEvent, 1)) for each event",
      ],
    ]
    if latency.count > 0 { rows.append(["latency", Self.quantiles(of: latency)]) }
    if let cpuPerEvent {
      rows.append([
        "CPU per event", "\(NumberText.decimal(cpuPerEvent, 3)) µs, \(NumberText.decimal(cores)) cores",
      ])
    }
    if let memoryPerClient {
      rows.append(["memory per client", "\(NumberText.kibibytes(memoryPerClient)) KiB, idle"])
    }
    rows += processes.flatMap(Self.rows(of:))
    rows.append([
      "this reader",
      "\(NumberText.decimal(readerShare)) cores" + (readerShare > 0.9 ? ", near its limit" : ""),
    ])
    let troubles = [("turned away", turnedAway), ("failed", failed), ("lost", lost), ("came later", opened)]
    rows += troubles.filter { $0.1 > 0 }.map { [$0.0, NumberText.grouped($0.1)] }
    rows += reasons.sorted { $0.key < $1.key }.map { ["", "\(NumberText.grouped($0.value)) \($0.key)"] }
    if handshakes.returning > 0 {
      rows.append([
        "TLS sessions",
        "\(NumberText.grouped(handshakes.resumed)) of \(NumberText.grouped(handshakes.returning)) resumed",
      ])
    }
    if interruptions.silence.count > 0 {
      rows.append(["silence", Self.quantiles(of: interruptions.silence)])
      rows.append(["  beyond retry", Self.quantiles(of: interruptions.overdue)])
      rows.append(["  returns", interruptions.pace])
    }
    if tally.malformed > 0 { rows.append(["malformed", NumberText.grouped(tally.malformed)]) }
    rows.append(["check", verdict])
    return rows
  }

  /// Whether the clients received what they should, in words.
  var verdict: String {
    guard let check else {
      return written == nil
        ? "none: this run wrote no scores itself (see --redis-url)"
        : "none: something else wrote into Redis meanwhile"
    }
    let share = "\(NumberText.grouped(check.exact)) of \(NumberText.grouped(check.clients)) streams"
    let deviation =
      check.isPassed ? "" : ", the others are off by \(NumberText.grouped(check.deviation)) in all"
    return switch check.expected {
    case let expected?:
      "\(share) got exactly the \(NumberText.grouped(expected)) that Redis counted\(deviation)"
    case nil: "\(share) got the same\(deviation)"
    }
  }

  private static func rows(of process: Process) -> [[String]] {
    let memory = [process.before, process.idle, process.end, process.after].map {
      NumberText.grouped($0.residentBytes >> 10)
    }
    let switches = [
      process.end.switchesVoluntary &- process.start.switchesVoluntary,
      process.end.switchesInvoluntary &- process.start.switchesInvoluntary,
    ].map { NumberText.grouped(Int64(bitPattern: $0)) }
    return [
      ["process \(process.id)", "\(NumberText.decimal(Double(process.cpuNanoseconds) / 1e9, 3)) s of CPU"],
      ["  memory", "\(memory.joined(separator: " → ")) KiB (before, idle, loaded, after)"],
      ["  switches", "\(switches[0]) voluntary, \(switches[1]) not"],
    ]
  }

  private static func quantiles(of histogram: Histogram) -> String {
    let shares = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)].map {
      "\($0.0) \(NumberText.milliseconds(histogram.quantile($0.1)))"
    }
    return shares.joined(separator: ", ") + ", max \(NumberText.milliseconds(histogram.maximum)) ms"
  }
}
