import Foundation

/// Compares JSON with the schemas of an OpenAPI document, for the features that ours uses. A member that a schema
/// does not name counts as a difference, because everything must be documented.
struct JSONShape {
  private let components: [String: Any]

  /// - Parameter document: an OpenAPI document.
  init(_ document: [String: Any]) {
    let all = document["components"] as? [String: Any]
    components = all?["schemas"] as? [String: Any] ?? [:]
  }

  /// Where and how a value differs from a schema; nil if it does not.
  func problem(of value: Any, as schema: [String: Any], at place: String = "") -> String? {
    if let reference = schema["$ref"] as? String {
      guard let name = reference.split(separator: "/").last,
        let target = components[String(name)] as? [String: Any]
      else { return "\(place): \(reference) is not there" }
      return problem(of: value, as: target, at: place)
    }
    if let choices = schema["anyOf"] as? [[String: Any]] {
      let fits = choices.contains { problem(of: value, as: $0, at: place) == nil }
      return fits ? nil : "\(place): fits none of \(choices.count)"
    }
    if let words = schema["enum"] as? [String], !words.contains(value as? String ?? "") {
      return "\(place): '\(value)' is not one of \(words)"
    }
    switch schema["type"] as? String {
    case nil: return nil
    case "null"?: return value is NSNull ? nil : "\(place): not null"
    case "string"?: return value is String ? nil : "\(place): not a string"
    case "boolean"?: return isBoolean(value) ? nil : "\(place): not a boolean"
    case "integer"?:
      return isNumber(value) && "\(value)".allSatisfy { $0.isNumber || $0 == "-" }
        ? nil : "\(place): not an integer"
    case "number"?: return isNumber(value) ? nil : "\(place): not a number"
    case "array"?: return arrayProblem(value, schema, place)
    case "object"?: return objectProblem(value, schema, place)
    case let type?: return "\(place): an unknown type \(type)"
    }
  }

  private func isBoolean(_ value: Any) -> Bool { value is Bool && "\(type(of: value))".contains("Bool") }
  private func isNumber(_ value: Any) -> Bool { value is NSNumber && !isBoolean(value) }

  private func arrayProblem(_ value: Any, _ schema: [String: Any], _ place: String) -> String? {
    guard let elements = value as? [Any] else { return "\(place): not an array" }
    guard let schema = schema["items"] as? [String: Any] else { return nil }
    return elements.enumerated().lazy.compactMap { problem(of: $1, as: schema, at: "\(place)[\($0)]") }.first
  }

  private func objectProblem(_ value: Any, _ schema: [String: Any], _ place: String) -> String? {
    guard let members = value as? [String: Any] else { return "\(place): not an object" }
    let missing = (schema["required"] as? [String] ?? []).first { members[$0] == nil }
    if let missing { return "\(place): without \(missing)" }
    let known = schema["properties"] as? [String: Any] ?? [:]
    for (name, member) in members {
      guard let schema = (known[name] ?? schema["additionalProperties"]) as? [String: Any] else {
        return "\(place).\(name): not described"
      }
      if let problem = problem(of: member, as: schema, at: "\(place).\(name)") { return problem }
    }
    return nil
  }
}
