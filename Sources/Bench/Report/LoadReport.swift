import Primitives

/// What a run found out.
struct LoadReport: Sendable {
  /// What one process of the server cost.
  struct Process: Equatable, Sendable {
    /// Its id.
    let id: Int32
    /// Before the first client connected.
    let before: ProcessSample
    /// With all clients connected, before the measuring.
    let idle: ProcessSample
    /// At the beginning of the measuring.
    let start: ProcessSample
    /// At its end.
    let end: ProcessSample
    /// A second after all clients had gone.
    var after = ProcessSample()

    /// The time that it ran while it was measured, in nanoseconds.
    var cpuNanoseconds: UInt64 { end.cpuNanoseconds - min(start.cpuNanoseconds, end.cpuNanoseconds) }
  }

  /// Whether the clients got what they should.
  struct Check: Equatable, Sendable {
    /// How many scores there were to get; nil if nobody knows, and the clients were compared with each other.
    var expected: UInt64?
    /// How many clients were looked at: those that were connected from the beginning to the end.
    var clients = 0
    /// How many of them got exactly that.
    var exact = 0
    /// By how much the others are off, added up.
    var deviation: UInt64 = 0

    /// Whether all got exactly that.
    var isPassed: Bool { exact == clients }
  }

  let target: String
  let counts: ClientCounts
  /// How long was measured.
  var measured = Duration.zero
  /// How many clients streamed when the measuring began.
  var streaming = 0
  /// What all clients got while it was measured.
  var tally = StreamTally()
  /// How many scores this run wrote; nil if it had no Redis.
  var written: UInt64?
  /// How often a server turned a client away.
  var turnedAway = 0
  /// How many connections failed before they streamed.
  var failed = 0
  /// How many streams the server, or the way to it, ended.
  var lost = 0
  /// How many clients came while it was measured, those that returned among them.
  var opened = 0
  /// Why connections failed or were lost, and how often.
  var reasons: [String: Int] = [:]
  var processes: [Process] = []
  /// The share of one core that this reader itself took.
  var readerShare = 0.0
  /// How long probes took to the steady clients, in microseconds.
  var latency = Histogram()
  /// How long it took from the beginning of a connection to the head of the answer, in microseconds.
  var connecting = Histogram()
  /// Whether the clients got what they should; nil if that could not be known.
  var check: Check?

  init(target: String, counts: ClientCounts) {
    self.target = target
    self.counts = counts
  }

  /// How many seconds were measured.
  var seconds: Double { Double(measured.wholeNanoseconds) / 1e9 }
  /// What all measured processes ran, in microseconds for each event that was delivered; nil if none was measured.
  var cpuPerEvent: Double? {
    guard !processes.isEmpty, tally.events > 0 else { return nil }
    return Double(processes.reduce(0) { $0 + $1.cpuNanoseconds }) / 1000 / Double(tally.events)
  }
  /// How many cores the measured processes used.
  var cores: Double { Double(processes.reduce(0) { $0 + $1.cpuNanoseconds }) / 1e9 / max(seconds, 1e-9) }
  /// Events that a client got in a second, on average.
  var eventsPerClientSecond: Double {
    Double(tally.events) / max(seconds, 1e-9) / Double(max(1, streaming))
  }
  /// Bytes of an event, on average.
  var bytesPerEvent: Double { Double(tally.bytes) / Double(max(1, tally.events)) }
  /// Memory that an idle client added, in bytes; nil if no process was measured.
  var memoryPerClient: Double? {
    guard !processes.isEmpty, streaming > 0 else { return nil }
    let grown = processes.reduce(0.0) { $0 + Double($1.idle.residentBytes) - Double($1.before.residentBytes) }
    return grown / Double(streaming)
  }
  /// Whether everything that was checked is as it should be.
  var isGood: Bool { (check?.isPassed ?? true) && tally.malformed == 0 && streaming > 0 }
}
