import Primitives

/// The limits of HTTP/2 connections that the operator chooses.
package struct HTTP2Limits: Sendable {
  /// How long a client may take for a request, and how long a connection may be without a stream.
  package let headTimeout: Duration
  /// How long a client may take no byte that it is owed.
  package let lagMaximum: Duration

  /// The operator's choices.
  package init(headTimeout: Duration, lagMaximum: Duration) {
    self.headTimeout = headTimeout
    self.lagMaximum = lagMaximum
  }
}

/// Where the bytes of an HTTP/2 connection go.
package protocol HTTP2Output {
  /// Writes as many bytes as fit, from an index on.
  func send(_ bytes: [UInt8], from start: Int) -> WriteOutcome
}

/// The HTTP/2 connections of a worker, and what they share: limits, counts, and the list of those with something to
/// write.
///
/// During a turn, connections only append to their output. At its end each is written once, so that the frames of all
/// streams of a connection leave in one system call.
package final class HTTP2Group {
  package var limits: HTTP2Limits
  package internal(set) var counters = HTTP2Counters()
  private var members: [ObjectIdentifier: HTTP2Connection] = [:]
  private let becameDue: () -> Void
  private var due: [HTTP2Connection] = []
  private var settled: [HTTP2Connection] = []

  /// - Parameter becameDue: called when a connection has something to write at the end of the turn.
  package init(_ limits: HTTP2Limits, becameDue: @escaping () -> Void) {
    self.limits = limits
    self.becameDue = becameDue
  }

  /// All connections, so that a worker with thousands of others need not look for them.
  package var connections: [HTTP2Connection] { Array(members.values) }

  func opened(_ connection: HTTP2Connection) {
    members[ObjectIdentifier(connection)] = connection
    counters.connections += 1
  }

  func closed(_ connection: HTTP2Connection) {
    members[ObjectIdentifier(connection)] = nil
    counters.connections -= 1
  }

  func add(_ connection: HTTP2Connection) {
    due.append(connection)
    becameDue()
  }

  func settle(_ connection: HTTP2Connection) {
    settled.append(connection)
    becameDue()
  }

  /// Writes what connections have to write.
  package func flush() {
    for connection in due.takeAll() { connection.flush() }
  }

  /// Takes out the connections that are broken, or have written their last byte.
  package func takeSettled() -> [HTTP2Connection] { settled.takeAll() }
}
