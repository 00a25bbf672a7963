import HTTP
import Primitives
import Wire

/// What is to be done about a request of the admin API.
public enum AdminAnswer: Equatable, Sendable {
  /// Answer it, and go on with the next one.
  case response(Response)
  /// Write what a stream of the status begins with, and then the status each second (``StatusStream``).
  case watch(beginning: [UInt8])
  /// Do this, and answer with its result.
  case perform(AdminAction)

  /// An answer that says what is wrong: `{"status":"refused","message":"…"}`.
  ///
  /// - Parameter message: one sentence; it may name what the caller said, for JSON has an escape for everything.
  public static func problem(_ status: Status, _ message: String, fields: [ResponseField] = []) -> Response {
    var json = JSONWriter()
    json.object { json in
      json.member("status", status == .gatewayTimeout ? "unanswered" : "refused")
      json.member("message", message)
    }
    return .json(json.bytes, status: status, fields: fields)
  }

  /// An answer that says what was done: `{"status":"OK","message":"…"}`.
  public static func done(_ message: String) -> Response {
    var json = JSONWriter()
    json.object { json in
      json.member("status", "OK")
      json.member("message", message)
    }
    return .json(json.bytes)
  }
}

/// Something that the hub does because a request asks for it.
public enum AdminAction: Equatable, Sendable {
  /// Tell an edge to do something, and wait for its answer.
  case command(EdgeCommand)
  /// Spread the clients anew, releasing so many a second; 0 ends it.
  case rebalance(rate: Int)
  /// Log from this level on.
  case setLogLevel(String)
  /// Read configuration, certificates and tokens again.
  case reload
  /// Show an edge no more, unless it has a link.
  case forget(NodeName)
}

/// What an edge is told to do, and how its answer is shown.
public struct EdgeCommand: Equatable, Sendable {
  /// The edge.
  public let node: NodeName
  /// What to do.
  public let verb: Command.Verb
  /// With what.
  public let argument: String
  /// With what an edge of an older version is asked, that refuses words which it does not know; else the same.
  public let olderArgument: String

  /// A command.
  ///
  /// - Parameters:
  ///   - argument: at most `Command.maximumArgumentCount` bytes.
  ///   - olderArgument: the argument without words that older edges do not know; nil if they know all of them.
  public init(node: NodeName, verb: Command.Verb, argument: String, olderArgument: String? = nil) {
    self.node = node
    self.verb = verb
    self.argument = argument
    self.olderArgument = olderArgument ?? argument
  }

  /// What to ask an edge that has refused this: the same without the words that are new, for an edge does nothing of what it
  /// refuses. Nil if the words are not the reason.
  public func retry(after result: CommandResult) -> EdgeCommand? {
    guard result.outcome == .refused, argument != olderArgument else { return nil }
    return EdgeCommand(node: node, verb: verb, argument: olderArgument)
  }

  /// Figures that an edge may tell of what it did. Of its answer only these and its text are passed on.
  private static let figures = ["released", "remaining", "closed"]

  /// What to say of the edge's answer.
  public func response(to result: CommandResult) -> Response {
    switch result.outcome {
    case .refused: return AdminAnswer.problem(.conflict, "\(node) refused: \(result.text)")
    case .failed: return AdminAnswer.problem(.badGateway, "\(node) failed: \(result.text)")
    case .done: break
    }
    let value = JSONValue(parsing: Array(result.text.utf8))
    if verb == .listConnections { return connections(value) }
    var json = JSONWriter()
    json.object { json in
      json.member("status", "OK")
      json.member("edge", node.description)
      for name in Self.figures {
        if let count = value?[name]?.count { json.member(name, count) }
      }
      json.member("message", value == nil ? result.text : value?["message"]?.text ?? "done")
    }
    return .json(json.bytes)
  }

  /// What to say if there is no answer.
  public var timeout: Response {
    AdminAnswer.problem(
      .gatewayTimeout, "\(node) did not answer in time; whether it did what it was told is not known.")
  }

  /// What to say if the edge went away before it answered.
  public var interruption: Response {
    AdminAnswer.problem(
      .gatewayTimeout, "\(node) went away; whether it did what it was told is not known.")
  }

  /// What to say if the edge is not there.
  public var absence: Response {
    AdminAnswer.problem(.conflict, "\(node) is not connected.")
  }

  /// The edge's list, with nothing in it that does not belong there.
  private func connections(_ value: JSONValue?) -> Response {
    guard let total = value?["total"]?.count, let offset = value?["offset"]?.count,
      let connections = value?["connections"]?.elements
    else { return AdminAnswer.problem(.badGateway, "\(node) answered with what is no list of connections.") }
    var json = JSONWriter()
    json.object { json in
      json.member("edge", node.description)
      json.member("total", total)
      json.member("offset", offset)
      json.member("connections") { json in
        json.array { json in
          for connection in connections.prefix(Int(AdminRoute.connectionsMaximum)) {
            Self.write(connection, to: &json)
          }
        }
      }
    }
    return .json(json.bytes)
  }

  private static func write(_ connection: JSONValue, to json: inout JSONWriter) {
    json.object { json in
      for name in ["request_path", "namespace"] { json.member(name, connection[name]?.text ?? "") }
      json.member("created_at", connection["created_at"]?.count ?? 0)
      for name in ["client_ip", "user_agent"] { json.member(name, connection[name]?.text ?? "") }
    }
  }
}
