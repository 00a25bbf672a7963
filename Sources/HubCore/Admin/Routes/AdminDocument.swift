import HTTP

/// The OpenAPI 3.1 description of the admin API, generated from the routes.
enum AdminDocument {
  /// The document as JSON.
  static let json = made()

  private static func made() -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("openapi", "3.1.0")
      json.member("info") { json in
        json.object { json in
          json.member("title", "emojitrack-hub admin API")
          json.member("version", "1")
          json.member(
            "description",
            "Over loopback and unix sockets every client is an operator. Over TLS a client needs a bearer token or a certificate, which has a role."
          )
        }
      }
      json.member("paths", writePaths)
      json.member("components", writeComponents)
      json.member("security") { json in
        json.array { json in
          for name in ["token", "certificate"] {
            json.object { $0.member(name) { $0.array { _ in } } }
          }
          json.object { _ in }
        }
      }
    }
    return json.bytes
  }

  private static func writePaths(to json: inout JSONWriter) {
    json.object { json in
      var paths: [String] = []
      for route in AdminRoute.all where !paths.contains(route.path) { paths.append(route.path) }
      for path in paths {
        json.member(path) { json in
          json.object { json in
            for route in AdminRoute.all where route.path == path {
              json.member(route.verb.rawValue) { write(route, to: &$0) }
            }
          }
        }
      }
    }
  }

  private static func write(_ route: AdminRoute, to json: inout JSONWriter) {
    json.object { json in
      json.member("operationId", route.endpoint.rawValue)
      json.member("summary", route.summary)
      json.member("x-role", route.role.rawValue)
      let isBody = route.verb == .post
      if route.namesEdge || (!isBody && !route.parameters.isEmpty) {
        json.member("parameters") { json in
          json.array { json in
            if route.namesEdge { writeEdgeName(to: &json) }
            if !isBody { route.parameters.forEach { write($0, to: &json) } }
          }
        }
      }
      if isBody { json.member("requestBody") { writeBody(route, to: &$0) } }
      json.member("responses") { writeResponses(of: route, to: &$0) }
    }
  }

  private static func writeEdgeName(to json: inout JSONWriter) {
    json.object { json in
      json.member("name", "name")
      json.member("in", "path")
      json.member("required", true)
      json.member("description", "The name of an edge, as in its certificate")
      json.member("schema", AdminSchema.text.write)
    }
  }

  private static func write(_ parameter: AdminParameter, to json: inout JSONWriter) {
    json.object { json in
      json.member("name", parameter.name)
      json.member("in", "query")
      json.member("required", parameter.isRequired)
      json.member("description", parameter.meaning)
      json.member("schema", parameter.writeSchema)
    }
  }

  private static func writeBody(_ route: AdminRoute, to json: inout JSONWriter) {
    json.object { json in
      json.member("required", route.choice != nil || route.parameters.contains(where: \.isRequired))
      json.member("content") { json in
        json.object { json in
          json.member("application/json") { json in
            json.object { $0.member("schema") { writeBodySchema(route, to: &$0) } }
          }
        }
      }
    }
  }

  private static func writeBodySchema(_ route: AdminRoute, to json: inout JSONWriter) {
    json.object { json in
      json.member("type", "object")
      json.member("additionalProperties", false)
      let required = route.parameters.filter(\.isRequired)
      if !required.isEmpty {
        json.member("required") { $0.array { json in required.forEach { json.value($0.name) } } }
      }
      switch route.choice {
      case .exactlyOne(let names): json.member("oneOf") { writeAlternatives(names, to: &$0) }
      case .atLeastOne(let names): json.member("anyOf") { writeAlternatives(names, to: &$0) }
      case nil: break
      }
      json.member("properties") { json in
        json.object { json in
          for parameter in route.parameters { json.member(parameter.name, parameter.writeSchema) }
        }
      }
    }
  }

  /// Schemas that each require one of the members.
  private static func writeAlternatives(_ names: [String], to json: inout JSONWriter) {
    json.array { json in
      for name in names {
        json.object { $0.member("required") { $0.array { $0.value(name) } } }
      }
    }
  }

  /// The statuses that may answer a route, with their meanings.
  private static func statuses(of route: AdminRoute) -> [(status: Status, meaning: String)] {
    var statuses: [(Status, String)] = []
    if route.verb == .post || !route.parameters.isEmpty {
      statuses.append((.badRequest, "A parameter is not allowed"))
    }
    statuses.append((.unauthorized, "No token, or a wrong one"))
    statuses.append((.forbidden, "A foreign host or site, or a reader where an operator is needed"))
    if route.namesEdge { statuses.append((.notFound, "There is no such edge")) }
    if route.asksEdge { statuses.append((.conflict, "The edge refused, or is not connected")) }
    if route.endpoint == .forgetEdge { statuses.append((.conflict, "The edge is connected")) }
    if route.verb != .get {
      statuses.append((.lengthRequired, "The body is chunked"))
      statuses.append((.contentTooLarge, "The body is too long"))
    }
    if route.verb == .post {
      statuses.append((.unsupportedMediaType, "The body is not application/json"))
    }
    if route.endpoint == .reload || route.endpoint == .setLogLevel {
      statuses.append((.unprocessableContent, "It cannot be done; the old state stays"))
    }
    statuses.append((.tooManyRequests, "Too many wrong tokens from this address"))
    if route.asksEdge { statuses.append((.badGateway, "The edge failed")) }
    if route.endpoint == .readiness || route.endpoint == .events {
      statuses.append((.serviceUnavailable, "Not now"))
    }
    if route.asksEdge { statuses.append((.gatewayTimeout, "The edge did not answer in time")) }
    return statuses
  }

  private static func writeResponses(of route: AdminRoute, to json: inout JSONWriter) {
    json.object { json in
      json.member("200") { json in
        json.object { json in
          json.member("description", "What was asked for")
          json.member("content") { writeContent(route.content, to: &$0) }
        }
      }
      for (status, meaning) in statuses(of: route) {
        let isText = route.endpoint == .readiness && status == .serviceUnavailable
        json.member("\(status.rawValue)") { json in
          json.object { json in
            json.member("description", meaning)
            json.member("content") { writeContent(isText ? route.content : .json(.problem), to: &$0) }
          }
        }
      }
    }
  }

  private static func writeContent(_ content: AdminRoute.Content, to json: inout JSONWriter) {
    let (type, schema): (String, AdminSchema) =
      switch content {
      case .json(let name): ("application/json", .reference(name))
      case .other(let type): (type, .text)
      }
    json.object { $0.member(type) { $0.object { $0.member("schema", schema.write) } } }
  }

  private static func writeComponents(to json: inout JSONWriter) {
    json.object { json in
      json.member("schemas") { json in
        json.object { json in
          for name in AdminSchema.Name.allCases { json.member(name.rawValue, name.schema.write) }
        }
      }
      json.member("securitySchemes") { json in
        json.object { json in
          json.member("token") { json in
            json.object { json in
              json.member("type", "http")
              json.member("scheme", "bearer")
            }
          }
          json.member("certificate") { $0.object { $0.member("type", "mutualTLS") } }
        }
      }
    }
  }
}
