import Foundation
import TestSupport

/// Makes requests from the schemas of an OpenAPI document: allowed and forbidden ones.
struct RequestMaker {
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  // MARK: Bodies

  /// Bodies that a schema allows: all required members and all sets of optional ones, with the least and the greatest
  /// values and some between.
  mutating func bodies(of schema: [String: Any]) -> [String] {
    let members = members(of: schema)
    return (0..<1 << members.count).flatMap { set -> [String] in
      let names = members.keys.sorted().enumerated().filter { set & 1 << $0.offset != 0 }.map(\.element)
      guard Self.isAllowed(Set(names), by: schema) else { return [] }
      return (0..<4).map { size in
        Self.object(names.map { ($0, value(of: members[$0] ?? [:], size: size)) })
      }
    }
  }

  /// Bodies that the schema forbids, each for one reason, and that reason.
  mutating func wrongBodies(of schema: [String: Any]) -> [(what: String, body: String)] {
    let members = members(of: schema)
    var good: [(String, String)] = []
    for names in Self.smallestSets(members.keys.sorted()) where Self.isAllowed(names, by: schema) {
      good = names.sorted().map { ($0, value(of: members[$0] ?? [:], size: 2)) }
      break
    }
    var wrong = [
      ("a member that is not there", Self.object(good + [("another", "1")])),
      ("a list", "[]"), ("a text", #""text""#), ("a number", "1"), ("null", "null"), ("half of it", "{"),
      ("more behind it", Self.object(good) + "{}"), ("a comment", "{/**/}"),
      ("a lone half of a pair", #"{"\ud800":1}"#),
      ("too deep", String(repeating: #"{"a":"#, count: 40) + "1" + String(repeating: "}", count: 40)),
    ]
    if !Self.isAllowed([], by: schema) { wrong.append(("nothing", "{}")) }
    if let first = good.first { wrong.append(("a member twice", Self.object(good + [first]))) }
    for (name, schema) in members.sorted(by: { $0.key < $1.key }) {
      for value in wrongValues(of: schema) {
        wrong.append(("\(name) as \(value)", Self.object(good.filter { $0.0 != name } + [(name, value)])))
      }
    }
    if let alternatives = schema["oneOf"] as? [[String: Any]] {
      let names = alternatives.flatMap { $0["required"] as? [String] ?? [] }
      wrong.append(("all of them", Self.object(names.map { ($0, value(of: members[$0] ?? [:], size: 0)) })))
    }
    return wrong
  }

  private func members(of schema: [String: Any]) -> [String: [String: Any]] {
    schema["properties"] as? [String: [String: Any]] ?? [:]
  }

  private static func smallestSets(_ names: [String]) -> [Set<String>] {
    [[]] + names.map { [$0] } + [Set(names)]
  }

  /// Whether a schema allows this set of members.
  private static func isAllowed(_ names: Set<String>, by schema: [String: Any]) -> Bool {
    func isMet(_ schema: [String: Any]) -> Bool {
      names.isSuperset(of: schema["required"] as? [String] ?? [])
    }
    if let alternatives = schema["oneOf"] as? [[String: Any]], alternatives.count(where: isMet) != 1 {
      return false
    }
    if let alternatives = schema["anyOf"] as? [[String: Any]], !alternatives.contains(where: isMet) {
      return false
    }
    return isMet(schema)
  }

  private static func object(_ members: [(String, String)]) -> String {
    "{" + members.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
  }

  // MARK: Queries

  /// Queries that the schemas of their items allow.
  mutating func queries(of items: [String: [String: Any]]) -> [String] {
    [""]
      + (0..<3).map { size in
        "?"
          + items.sorted { $0.key < $1.key }.map { "\($0.key)=\(value(of: $0.value, size: size))" }.joined(
            separator: "&")
      } + ["?another=1"]
  }

  /// Queries that the schemas forbid.
  func wrongQueries(of items: [String: [String: Any]]) -> [String] {
    items.sorted { $0.key < $1.key }.flatMap { name, schema in
      // A query has no JSON, so a number may begin with a 0 there.
      (wrongValues(of: schema).filter { $0 != "01" && !$0.contains { "\"{}[] ".contains($0) } } + [
        "", "%00", "x",
      ])
      .map { "?\(name)=\($0)" }
    }
  }

  // MARK: Values

  /// A value as JSON: the least for size 0, the greatest for 1, otherwise one between; for 3 with a fraction of 0.
  private mutating func value(of schema: [String: Any], size: Int) -> String {
    if let least = schema["minimum"] as? Int, let greatest = schema["maximum"] as? Int {
      let value = [least, greatest][safe: size] ?? Int.random(in: least...greatest, using: &random)
      return size == 3 ? "\(value).0" : "\(value)"
    }
    if let words = schema["enum"] as? [String] {
      return
        "\"\([words.first, words.last][safe: size]?.flatMap(\.self) ?? words.randomElement(using: &random) ?? "")\""
    }
    // Only for the patterns that the document uses.
    return (schema["pattern"] as? String ?? "").hasPrefix("^/")
      ? ["\"/raw\"", "\"/details/1F1EF-1F1F5\""][safe: size] ?? "\"/eps\""
      : ["\"203.0.113.9\"", "\"2001:db8:0:0:0:0:0:9\""][safe: size] ?? "\"::1\""
  }

  /// Values that a schema forbids.
  private func wrongValues(of schema: [String: Any]) -> [String] {
    let other = ["null", "true", "[]", "{}", "[1]"]
    if let least = schema["minimum"] as? Int, let greatest = schema["maximum"] as? Int {
      return other + [
        "\(least - 1)", "\(greatest + 1)", "-1", "0.5", "18446744073709551616", "99999999999999999999999999",
        "\"\(greatest)\"", "0x1", "+1", "01",
      ]
    }
    let texts = [
      "1", "\"\"", "\" \"", "\"\\u0000\"", "\"\(String(repeating: "x", count: 200))\"", "\"a b=c\"",
    ]
    return other + texts + (schema["enum"] == nil ? [] : ["\"INFO\"", "\"info \"", "\"nothing\""])
  }
}

extension Array {
  fileprivate subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
