import HTTP

/// What `/admin/status.json` says, in the predecessors' format.
public struct NodeStatus: Equatable, Sendable {
  /// The name of this edge.
  public let node: String
  /// When it was reported, in seconds since 1970.
  public let reportedAt: Int64
  /// Whether the edge drains or stops, or has announced it.
  public let isDraining: Bool
  /// The streaming clients.
  public let connections: [ConnectionStatus]

  /// - Parameters:
  ///   - node: the name of this edge.
  ///   - reportedAt: wall time, in seconds since 1970.
  ///   - isDraining: whether the edge drains or stops, or has announced it.
  ///   - connections: the streaming clients.
  public init(node: String, reportedAt: Int64, isDraining: Bool = false, connections: [ConnectionStatus]) {
    self.node = node
    self.reportedAt = reportedAt
    self.isDraining = isDraining
    self.connections = connections
  }

  /// The status as JSON. Names of clients are text in it, never markup; a page that shows them must keep it so.
  public var json: [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.member("node", node)
      $0.member("status", isDraining ? "DRAINING" : "OK")
      $0.member("reported_at", reportedAt)
      $0.member("connections") {
        $0.array {
          for connection in connections { connection.write(to: &$0) }
        }
      }
    }
    return writer.bytes
  }
}

/// One client that streams.
public struct ConnectionStatus: Equatable, Sendable {
  /// How much of a user agent is kept, in bytes.
  public static let maximumUserAgentCount = 256

  /// What it listens to.
  public let stream: StreamKind
  /// How that began and looks.
  public let options: StreamOptions
  /// Since when, in seconds since 1970.
  public let createdAt: Int64
  /// Its address, as text.
  public let clientAddress: String
  /// What it calls itself, cut behind ``maximumUserAgentCount`` bytes; empty if it does not.
  public let userAgent: String

  /// - Parameters:
  ///   - stream: what it listens to.
  ///   - options: how that began and looks.
  ///   - createdAt: wall time, in seconds since 1970.
  ///   - clientAddress: its address, as text.
  ///   - userAgent: the field of its request.
  public init(
    stream: StreamKind, options: StreamOptions = .none, createdAt: Int64, clientAddress: String,
    userAgent: String?
  ) {
    self.stream = stream
    self.options = options
    self.createdAt = createdAt
    self.clientAddress = clientAddress
    self.userAgent = Self.kept(of: userAgent)
  }

  /// What of a user agent is kept.
  static func kept(of userAgent: String?) -> String {
    String(decoding: (userAgent ?? "").utf8.prefix(maximumUserAgentCount), as: UTF8.self)
  }

  func write(to writer: inout JSONWriter) {
    writer.object {
      // The plain spelling of the path, which takes no memory. The predecessors gave the path as it was sent.
      $0.member("request_path", options.path(of: stream))
      $0.member("namespace", stream.namespace)
      $0.member("created_at", createdAt)
      $0.member("client_ip", clientAddress)
      $0.member("user_agent", userAgent)
    }
  }
}
