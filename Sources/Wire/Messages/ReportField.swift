/// A figure in a ``Report``. Counts are those of the whole process.
///
/// *Cumulative* figures count from the start of the process and never fall. *Present* figures are those at the moment
/// of the report. The numbers are part of the protocol: new ones are added, retired ones are never used again.
package enum ReportField: UInt8, Sendable, CaseIterable {
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
  /// Clients that were refused. Cumulative.
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
  /// Open descriptors of the thread that has most, since each thread may have a table of its own. Present.
  case descriptorsOpen = 18
  /// How many descriptors the process may open. Present.
  case descriptorLimit = 19
  /// Frames received from hubs. Cumulative.
  case framesReceived = 20
  /// Bytes received from hubs, before TLS. Cumulative.
  case bytesReceived = 21
  /// ``Gap`` messages received from hubs. Cumulative.
  case gapsReceived = 22
  /// Hubs in the edge's configuration. Present.
  case hubs = 23
  /// Hubs whose scores reach the edge and agree with Redis. Present.
  case hubsFresh = 24
  /// 1 if the edge is draining, else 0. Present.
  case isDraining = 25
  /// Clients whose stream was ended with a time to reconnect. Cumulative.
  case clientsReleased = 26
  /// How often the governor halves the rate of eps, on the worker with the highest level. Present.
  case governorLevel = 27
  /// TLS handshakes of clients that failed. Cumulative.
  case handshakesFailed = 28
  /// Clients whose socket has not accepted all bytes sent so far. Present.
  case clientsLagging = 29
  /// Clients of the kiosk stream. Present.
  case clientsInteraction = 30
  /// Clients that stream over TLS; the counts for each stream include them. Present.
  case clientsSecure = 31
  /// How many clients the edge accepts at most. Present.
  case clientsMaximum = 32
  /// TLS handshakes of clients that were completed. Cumulative.
  case handshakes = 33
  /// TLS handshakes that resumed a session. Cumulative.
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
