import HTTP
import Wire

/// The schema of a JSON text, as in JSON Schema (draft 2020-12).
indirect enum AdminSchema: Equatable, Sendable {
  case text, integer, number, boolean
  case words([String])
  case optional(AdminSchema)
  case array(AdminSchema)
  /// An object with any member names, and values of this schema.
  case map(AdminSchema)
  /// An object with required and optional members.
  case object([Member], [Member] = [])
  case reference(Name)
  /// Any JSON value.
  case anything

  /// A member of an object.
  struct Member: Equatable, Sendable {
    let name: String
    let schema: AdminSchema

    init(_ name: String, _ schema: AdminSchema) {
      self.name = name
      self.schema = schema
    }
  }

  enum Name: String, Sendable, CaseIterable {
    case status, edges, edge, connections, streams, ledger, configuration, version, document, rebalance, done,
      problem
  }

  func write(to json: inout JSONWriter) {
    json.object { writeMembers(to: &$0) }
  }

  private func writeMembers(to json: inout JSONWriter) {
    switch self {
    case .text: json.member("type", "string")
    case .integer: json.member("type", "integer")
    case .number: json.member("type", "number")
    case .boolean: json.member("type", "boolean")
    case .anything: break
    case .words(let words):
      json.member("type", "string")
      json.member("enum") { $0.array { json in words.forEach { json.value($0) } } }
    case .optional(let schema):
      json.member("anyOf") { json in
        json.array { json in
          schema.write(to: &json)
          json.object { $0.member("type", "null") }
        }
      }
    case .array(let element):
      json.member("type", "array")
      json.member("items", element.write)
    case .map(let value):
      json.member("type", "object")
      json.member("additionalProperties", value.write)
    case .object(let required, let possible):
      json.member("type", "object")
      if !required.isEmpty {
        json.member("required") { $0.array { json in required.forEach { json.value($0.name) } } }
      }
      json.member("properties") { json in
        json.object { json in
          for member in required + possible { json.member(member.name, member.schema.write) }
        }
      }
    case .reference(let name): json.member("$ref", "#/components/schemas/\(name.rawValue)")
    }
  }
}

extension AdminParameter {
  /// Writes the schema of the member's value.
  func writeSchema(to json: inout JSONWriter) {
    json.object { json in
      switch kind {
      case .count(let range):
        json.member("type", "integer")
        json.member("minimum", range.lowerBound)
        json.member("maximum", range.upperBound)
      case .word(let words):
        json.member("type", "string")
        json.member("enum") { $0.array { json in words.forEach { json.value($0) } } }
      case .address:
        json.member("type", "string")
        json.member("pattern", "^[0-9A-Fa-f:.]{2,45}$")
      case .stream:
        json.member("type", "string")
        json.member("pattern", "^/[A-Za-z0-9/._-]{1,127}$")
      }
    }
  }
}
