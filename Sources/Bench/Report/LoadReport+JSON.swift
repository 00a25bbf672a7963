import HTTP
import Primitives

extension LoadReport {
  /// The report as JSON, with units in the names.
  var json: [UInt8] {
    var writer = JSONWriter()
    writer.object(write)
    return writer.bytes
  }

  /// Writes the report's members.
  func write(to writer: inout JSONWriter) {
    writer.member("url", target)
    writer.member("clients_asked", counts.clients)
    writer.member("clients_streaming", streaming)
    if let streamsPerClient { writer.member("streams_per_client", streamsPerClient) }
    writer.member("seconds", seconds)
    writer.member("events", tally.events)
    writer.member("amount", tally.amount)
    writer.member("bytes", tally.bytes)
    writer.member("malformed", tally.malformed)
    writer.member("events_per_stream_second", eventsPerStreamSecond)
    writer.member("bytes_per_event", bytesPerEvent)
    if let written { writer.member("scores_written", written) }
    if let cpuPerEvent { writer.member("cpu_per_event_microseconds", cpuPerEvent) }
    if let memoryPerClient { writer.member("memory_per_idle_client_bytes", memoryPerClient) }
    writer.member("server_cores", cores)
    writer.member("reader_cores", readerShare)
    writer.member("turned_away", turnedAway)
    writer.member("failed", failed)
    writer.member("lost", lost)
    writer.member("came_later", opened)
    writer.member("latency") { Self.write(latency, to: &$0) }
    writer.member("connecting") { Self.write(connecting, to: &$0) }
    writer.member("silence") { Self.write(interruptions.silence, to: &$0) }
    writer.member("silence_beyond_retry") { Self.write(interruptions.overdue, to: &$0) }
    writer.member("returned_by_second") { writer in
      writer.array { writer in
        for count in interruptions.returns { writer.value(count) }
      }
    }
    writer.member("handshakes_returning", handshakes.returning)
    writer.member("handshakes_resumed", handshakes.resumed)
    writer.member("further_addresses", furtherAddresses.count)
    writer.member("further_addresses_maximum", furtherAddresses.maximum)
    writer.member("reasons") { writer in
      writer.object { writer in
        for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) { writer.member(reason, count) }
      }
    }
    writer.member("good", isGood)
    if let check { Self.write(check, to: &writer) }
    writer.member("processes") { writer in
      writer.array { writer in
        for process in processes { Self.write(process, to: &writer) }
      }
    }
  }

  private static func write(_ check: Check, to writer: inout JSONWriter) {
    writer.member("check") { writer in
      writer.object { writer in
        writer.member("passed", check.isPassed)
        if let expected = check.expected { writer.member("expected", expected) }
        writer.member("clients", check.clients)
        writer.member("exact", check.exact)
        writer.member("deviation", check.deviation)
      }
    }
  }

  private static func write(_ histogram: Histogram, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("count", histogram.count)
      for (name, share) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)] {
        writer.member("\(name)_microseconds", histogram.quantile(share))
      }
      writer.member("maximum_microseconds", histogram.maximum)
    }
  }

  private static func write(_ process: Process, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("id", process.id)
      writer.member("cpu_nanoseconds", process.cpuNanoseconds)
      writer.member("memory_before_bytes", process.before.residentBytes)
      writer.member("memory_idle_bytes", process.idle.residentBytes)
      writer.member("memory_loaded_bytes", process.end.residentBytes)
      writer.member("memory_after_bytes", process.after.residentBytes)
      writer.member("switches_voluntary", process.end.switchesVoluntary &- process.start.switchesVoluntary)
      writer.member(
        "switches_involuntary", process.end.switchesInvoluntary &- process.start.switchesInvoluntary)
    }
  }
}
