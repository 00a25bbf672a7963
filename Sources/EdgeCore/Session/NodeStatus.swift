import HTTP

/// The content of `/admin/status.json`, in the predecessors' format.
package struct NodeStatus: Equatable, Sendable {
  /// The edge's name.
  package let node: String
  /// The time of the report, in seconds since 1970.
  package let reportedAt: Int64
  /// Whether the edge drains or stops, or has announced it.
  package let isDraining: Bool
  /// The edge's memory; nil without a limit.
  package let memory: MemoryHealth?
  /// The streaming clients.
  package let connections: [ConnectionStatus]

  /// - Parameters:
  ///   - node: the edge's name.
  ///   - reportedAt: wall time, in seconds since 1970.
  ///   - isDraining: whether the edge drains or stops, or has announced it.
  ///   - memory: the edge's memory; nil without a limit.
  ///   - connections: the streaming clients.
  package init(
    node: String, reportedAt: Int64, isDraining: Bool = false, memory: MemoryHealth? = nil,
    connections: [ConnectionStatus]
  ) {
    self.node = node
    self.reportedAt = reportedAt
    self.isDraining = isDraining
    self.memory = memory
    self.connections = connections
  }

  /// The status as JSON. Clients' names are text in it; a page that shows them must not treat them as markup.
  package var json: [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.member("node", node)
      $0.member("status", isDraining ? "DRAINING" : "OK")
      $0.member("reported_at", reportedAt)
      if let memory { $0.member("memory") { memory.write(to: &$0) } }
      $0.member("connections") {
        $0.array {
          for connection in connections { connection.write(to: &$0) }
        }
      }
    }
    return writer.bytes
  }
}

/// A streaming client.
package struct ConnectionStatus: Equatable, Sendable {
  /// The most bytes that are kept of a user agent.
  package static let maximumUserAgentCount = 256

  /// The client's stream.
  package let stream: StreamKind
  /// The options of the stream.
  package let options: StreamOptions
  /// When the stream began, in seconds since 1970.
  package let createdAt: Int64
  /// The client's address as text.
  package let clientAddress: String
  /// The client's `User-Agent`, cut after ``maximumUserAgentCount`` bytes; empty without one.
  package let userAgent: String

  /// - Parameters:
  ///   - stream: the client's stream.
  ///   - options: the options of the stream.
  ///   - createdAt: wall time, in seconds since 1970.
  ///   - clientAddress: the client's address as text.
  ///   - userAgent: the value of the request's `User-Agent`.
  package init(
    stream: StreamKind, options: StreamOptions = .none, createdAt: Int64, clientAddress: String,
    userAgent: String?
  ) {
    self.stream = stream
    self.options = options
    self.createdAt = createdAt
    self.clientAddress = clientAddress
    self.userAgent = Self.kept(of: userAgent)
  }

  /// The part of a user agent that is kept.
  static func kept(of userAgent: String?) -> String {
    String(decoding: (userAgent ?? "").utf8.prefix(maximumUserAgentCount), as: UTF8.self)
  }

  func write(to writer: inout JSONWriter) {
    writer.object {
      // The path in its plain spelling, which takes no memory. The predecessors gave the path as it was sent.
      $0.member("request_path", options.path(of: stream))
      $0.member("namespace", stream.namespace)
      $0.member("created_at", createdAt)
      $0.member("client_ip", clientAddress)
      $0.member("user_agent", userAgent)
    }
  }
}
