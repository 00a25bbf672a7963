/// A figure in a ``Report``. Counts are of the whole process.
///
/// *Cumulative* figures are counted from the start of the process and never fall. *Present* figures are of
/// the moment of the report. The numbers are part of the protocol: new ones are added, none is used again.
public enum ReportField: UInt8, Sendable, CaseIterable {
  /// How long the process has run, in seconds. Cumulative.
  case uptimeSeconds = 1
  /// Worker loops. Present.
  case workers = 2
  /// Clients of the raw stream. Present.
  case clientsRaw = 3
  /// Clients of the eps stream. Present.
  case clientsEPS = 4
  /// Clients of the details of one id. Present.
  case clientsDetails = 5
  /// Clients of the details of all ids. Present.
  case clientsAllDetails = 6
  /// Clients that were given a stream. Cumulative.
  case clientsAccepted = 7
  /// Clients that were turned away. Cumulative.
  case clientsRefused = 8
  /// Clients whose stream has ended. Cumulative.
  case clientsClosed = 9
  /// Events sent to clients, once for each client. Cumulative.
  case eventsSent = 10
  /// Bytes sent to clients. Cumulative.
  case bytesSent = 11
  /// Events that a slow client received as a part of a summed one. Cumulative.
  case eventsSummed = 12
  /// Events that a slow client did not receive. Cumulative.
  case eventsSkipped = 13
  /// The longest turn of any worker loop since the previous report, in microseconds. Neither cumulative nor
  /// present.
  case loopLagMaximumMicroseconds = 14
  /// Resident memory, in bytes. Present.
  case memoryBytes = 15
  /// The position of the totals that the edge holds. Present.
  case position = 16
  /// Topics that the edge is interested in. Present.
  case topics = 17
  /// Open descriptors of the thread that has most, where threads have tables of their own. Present.
  case descriptorsOpen = 18
  /// How many descriptors the process may open. Present.
  case descriptorLimit = 19
  /// Frames received from hubs. Cumulative.
  case framesReceived = 20
  /// Bytes received from hubs, before TLS. Cumulative.
  case bytesReceived = 21
  /// ``Gap`` messages received from hubs. Cumulative.
  case gapsReceived = 22
  /// Hubs that the edge listens to. Present.
  case hubs = 23
  /// Of those, the ones whose scores reach the edge, and are those of Redis. Present.
  case hubsFresh = 24
  /// 1 if the edge is draining, else 0. Present.
  case isDraining = 25
  /// Clients that were let go and told when to come back. Cumulative.
  case clientsReleased = 26
  /// How often the rate of eps is halved, on the worker where that is most. Present.
  case governorLevel = 27
  /// TLS handshakes of clients that failed. Cumulative.
  case handshakesFailed = 28
  /// Clients whose socket has not taken all that they are to get. Present.
  case clientsLagging = 29
  /// Clients of the kiosk stream. Present.
  case clientsInteraction = 30
  /// Clients that stream within TLS; they are among the others, too. Present.
  case clientsSecure = 31
  /// How many clients the edge takes at the most. Present.
  case clientsMaximum = 32
  /// TLS handshakes of clients that were completed. Cumulative.
  case handshakes = 33
  /// Of those, the ones that resumed a session. Cumulative.
  case handshakesResumed = 34
  /// CPU time that the process used, in milliseconds. Cumulative.
  case processorMilliseconds = 35
  /// The position that the edge's probe has reached. Present.
  case probePosition = 36
  /// Increments that the edge's probe received. Cumulative.
  case ledgerReceived = 37
  /// Increments that the probe should have received and did not. Cumulative.
  case ledgerMissing = 38
  /// Increments that the probe received and should not have. Cumulative.
  case ledgerDoubled = 39
}
