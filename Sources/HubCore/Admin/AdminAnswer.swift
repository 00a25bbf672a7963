import HTTP
import Primitives
import Wire

/// What the driver does about a request of the admin API.
package enum AdminAnswer: Equatable, Sendable {
  /// Send this response, then continue with the next request.
  case response(Response)
  /// Write the beginning of a status stream, and then the status each second (``StatusStream``).
  case watch(beginning: [UInt8])
  /// Do this, and answer with its result.
  case perform(AdminAction)

  /// An error response: `{"status":"refused","message":"…"}`.
  ///
  /// - Parameter message: one sentence. It may quote the caller, because JSON escapes everything.
  package static func problem(_ status: Status, _ message: String, fields: [ResponseField] = []) -> Response {
    var json = JSONWriter()
    json.object { json in
      json.member("status", status == .gatewayTimeout ? "unanswered" : "refused")
      json.member("message", message)
    }
    return .json(json.bytes, status: status, fields: fields)
  }

  /// A success response: `{"status":"OK","message":"…"}`.
  package static func done(_ message: String) -> Response {
    var json = JSONWriter()
    json.object { json in
      json.member("status", "OK")
      json.member("message", message)
    }
    return .json(json.bytes)
  }
}

/// An action of the hub that a request asks for.
package enum AdminAction: Equatable, Sendable {
  /// Send a command to an edge, and wait for its answer.
  case command(EdgeCommand)
  /// Rebalance the clients, releasing at most this number a second; 0 stops it.
  case rebalance(rate: Int)
  /// Log from this level on.
  case setLogLevel(String)
  /// Read configuration, certificates and tokens again.
  case reload
  /// Stop listing an edge, unless it has a link.
  case forget(NodeName)
}

/// A command to an edge, and how its answer is shown.
package struct EdgeCommand: Equatable, Sendable {
  /// The edge.
  package let node: NodeName
  /// The kind of the command.
  package let verb: Command.Verb
  /// The command's argument.
  package let argument: String
  /// The argument for an edge of an older version, which refuses keys that it does not know; the same if there are no
  /// such keys.
  package let olderArgument: String

  /// A command.
  ///
  /// - Parameters:
  ///   - argument: at most `Command.maximumArgumentCount` bytes.
  ///   - olderArgument: the argument without keys that older edges do not know; nil if they know all of them.
  package init(node: NodeName, verb: Command.Verb, argument: String, olderArgument: String? = nil) {
    self.node = node
    self.verb = verb
    self.argument = argument
    self.olderArgument = olderArgument ?? argument
  }

  /// The command to send after an edge has refused this one: the same without the new keys, because an edge performs
  /// no part of a command that it refuses. Nil if the keys are not the reason.
  package func retry(after result: CommandResult) -> EdgeCommand? {
    guard result.outcome == .refused, argument != olderArgument else { return nil }
    return EdgeCommand(node: node, verb: verb, argument: olderArgument)
  }

  /// The figures that an edge may report about the command. Of its answer only these and the text are passed on.
  private static let figures = ["released", "remaining", "closed"]

  /// The response for the edge's answer.
  package func response(to result: CommandResult) -> Response {
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

  /// The response if the edge does not answer.
  package var timeout: Response {
    AdminAnswer.problem(
      .gatewayTimeout, "\(node) did not answer in time; it is not known whether the command was carried out.")
  }

  /// The response if the edge disconnected before it answered.
  package var interruption: Response {
    AdminAnswer.problem(
      .gatewayTimeout, "\(node) went away; it is not known whether the command was carried out.")
  }

  /// The response if the edge is not connected.
  package var absence: Response {
    AdminAnswer.problem(.conflict, "\(node) is not connected.")
  }

  /// The edge's list of connections, with only the members that belong there.
  private func connections(_ value: JSONValue?) -> Response {
    guard let total = value?["total"]?.count, let offset = value?["offset"]?.count,
      let connections = value?["connections"]?.elements
    else { return AdminAnswer.problem(.badGateway, "\(node) did not answer with a list of connections.") }
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
