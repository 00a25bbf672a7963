import Primitives

/// The results of a run.
struct LoadReport: Sendable {
  /// The cost of one process of the server.
  struct Process: Equatable, Sendable {
    let id: Int32
    /// The sample before the first client connected.
    let before: ProcessSample
    /// The sample with all clients connected, before the measurement.
    let idle: ProcessSample
    /// The sample at the beginning of the measurement.
    let start: ProcessSample
    /// The sample at its end.
    let end: ProcessSample
    /// The sample a second after all clients had disconnected.
    var after = ProcessSample()

    /// The CPU time during the measurement, in nanoseconds.
    var cpuNanoseconds: UInt64 { end.cpuNanoseconds - min(start.cpuNanoseconds, end.cpuNanoseconds) }
  }

  /// Whether the clients received what they should.
  struct Check: Equatable, Sendable {
    /// The expected number of scores; nil if it is not known, and the clients were compared with each other.
    var expected: UInt64?
    /// How many streams were compared: those of the clients that were connected from the beginning to the end or, if the stream can be
    /// resumed, returned.
    var clients = 0
    /// How many of them received exactly that number.
    var exact = 0
    /// The sum of the other clients' deviations.
    var deviation: UInt64 = 0

    /// Whether all received exactly that number.
    var isPassed: Bool { exact == clients }
  }

  /// The TLS handshakes of clients that had a session to resume.
  struct Handshakes: Equatable, Sendable {
    /// How many there were.
    private(set) var returning = 0
    /// How many of them resumed it.
    private(set) var resumed = 0

    /// - Parameter isReturn: whether the client had a session to resume.
    mutating func ended(isResumed: Bool, isReturn: Bool) {
      guard isReturn else { return }
      returning += 1
      resumed += isResumed ? 1 : 0
    }
  }

  let target: String
  let counts: ClientCounts
  /// How many streams each client has on a connection of HTTP/2; nil for one over HTTP/1.1.
  let streamsPerClient: Int?
  /// The duration of the measurement.
  var measured = Duration.zero
  /// How many clients were streaming when the measurement began.
  var streaming = 0
  /// The data of all clients during the measurement.
  var tally = StreamTally()
  /// How many scores this run wrote; nil without a Redis.
  var written: UInt64?
  /// How often the server refused a client.
  var turnedAway = 0
  /// How many connections failed before they streamed.
  var failed = 0
  /// How many streams the server or the network ended.
  var lost = 0
  /// How many clients connected during the measurement, including those that returned.
  var opened = 0
  /// Why connections failed or were lost, and how often.
  var reasons: [String: Int] = [:]
  var processes: [Process] = []
  /// The share of one core that the load client itself used.
  var readerShare = 0.0
  /// The latencies of probes to the steady clients, in microseconds.
  var latency = Histogram()
  /// The times from the beginning of a connection to the response head, in microseconds.
  var connecting = Histogram()
  /// The interruptions of clients that returned.
  var interruptions = Interruptions()
  /// The TLS handshakes of clients that returned.
  var handshakes = Handshakes()
  /// How many addresses clients tried beyond the first one, and at most for one connection.
  var furtherAddresses = (count: 0, maximum: 0)
  /// The comparison; nil if there could be none.
  var check: Check?

  init(target: String, counts: ClientCounts, streamsPerClient: Int? = nil) {
    self.target = target
    self.counts = counts
    self.streamsPerClient = streamsPerClient
  }

  /// The duration of the measurement in seconds.
  var seconds: Double { Double(measured.wholeNanoseconds) / 1e9 }
  /// The CPU time of all measured processes, in microseconds per delivered event; nil if none was measured.
  var cpuPerEvent: Double? {
    guard !processes.isEmpty, tally.events > 0 else { return nil }
    return Double(processes.reduce(0) { $0 + $1.cpuNanoseconds }) / 1000 / Double(tally.events)
  }
  /// How many cores the measured processes used.
  var cores: Double { Double(processes.reduce(0) { $0 + $1.cpuNanoseconds }) / 1e9 / max(seconds, 1e-9) }
  /// Events per stream and second, on average.
  var eventsPerStreamSecond: Double {
    Double(tally.events) / max(seconds, 1e-9) / Double(max(1, streaming * (streamsPerClient ?? 1)))
  }
  /// The size of an event in bytes, on average.
  var bytesPerEvent: Double { Double(tally.bytes) / Double(max(1, tally.events)) }
  /// The memory of an idle client, in bytes; nil if no process was measured.
  var memoryPerClient: Double? {
    guard !processes.isEmpty, streaming > 0 else { return nil }
    let grown = processes.reduce(0.0) { $0 + Double($1.idle.residentBytes) - Double($1.before.residentBytes) }
    return grown / Double(streaming)
  }
  /// Whether every check has passed.
  var isGood: Bool { (check?.isPassed ?? true) && tally.malformed == 0 && streaming > 0 }
}
