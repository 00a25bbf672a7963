import HTTP
import Primitives
import Wire

/// A parameter of a request: a member of its body, or an item of its query.
struct AdminParameter: Equatable, Sendable {
  /// The type of a parameter.
  enum Kind: Equatable, Sendable {
    /// A whole number within these limits.
    case count(ClosedRange<UInt64>)
    /// One of these words.
    case word([String])
    /// An IPv4 or IPv6 address.
    case address
    /// A stream by the path under `/subscribe`, such as `/eps` or `/details/1F602`.
    case stream
  }

  let name: String
  let kind: Kind
  /// Whether the parameter must be present.
  var isRequired = false
  /// The parameter's meaning, as a sentence without its full stop.
  let meaning: String

  /// The allowed values, as the end of `must be …`.
  var allowed: String {
    switch kind {
    case .count(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .word(let words): "one of \(words.joined(separator: ", "))"
    case .address: "an IPv4 or IPv6 address"
    case .stream: "a stream such as /eps or /details/1F602"
    }
  }

  /// The value as plain text; nil if it is not allowed.
  func text(of value: JSONValue) -> String? {
    if case .count(let range) = kind {
      return value.count.flatMap { range.contains($0) ? "\($0)" : nil }
    }
    return value.text.flatMap { isAllowed($0) ? $0 : nil }
  }

  private func isAllowed(_ text: String) -> Bool {
    switch kind {
    case .count: false
    case .word(let words): words.contains { $0.utf8.elementsEqual(text.utf8) }
    case .address:
      // The edge validates the address. Here it must only be a single word that cannot contain another argument.
      (2...45).contains(text.utf8.count)
        && text.utf8.allSatisfy {
          $0.isASCIIDigit || (0x61...0x66).contains($0 | 0x20) || ":.".utf8.contains($0)
        }
    case .stream:
      text.hasPrefix("/") && (2...128).contains(text.utf8.count)
        && text.utf8.allSatisfy { $0.isASCIIAlphanumeric || "/-_.".utf8.contains($0) }
    }
  }
}

/// The arguments of a request, all of them valid.
struct AdminArguments: Equatable, Sendable {
  private var texts: [String: String] = [:]

  /// Why a request is malformed: a sentence that quotes no part of it.
  struct Malformed: Error, Equatable {
    let description: String
  }

  /// Parses a body: a JSON object without further members. A missing body counts as an empty object.
  init(body: [UInt8], of parameters: [AdminParameter], choice: AdminRoute.Choice? = nil) throws(Malformed) {
    guard let value = body.isEmpty ? .object([]) : JSONValue(parsing: body), case .object(let members) = value
    else {
      throw Malformed(description: "The body must be a JSON object.")
    }
    for member in members where !parameters.contains(where: { $0.name == member.name }) {
      let names = parameters.map(\.name).joined(separator: ", ")
      throw Malformed(description: "The body may hold \(names.isEmpty ? "nothing" : "only \(names)").")
    }
    for parameter in parameters { try take(parameter, value[parameter.name]) }
    switch choice {
    case .exactlyOne(let names) where names.count(where: { texts[$0] != nil }) != 1:
      throw Malformed(description: "Either \(Self.quoted(names, " or ")) is needed, not both.")
    case .atLeastOne(let names) where !names.contains { texts[$0] != nil }:
      throw Malformed(description: "\(Self.quoted(names, ", ")) or both are needed.")
    case .exactlyOne, .atLeastOne, nil: return
    }
  }

  private static func quoted(_ names: [String], _ separator: String) -> String {
    names.map { "'\($0)'" }.joined(separator: separator)
  }

  /// Parses the query of a target. Items with other names are ignored, as in any query.
  init(query target: RequestTarget, of parameters: [AdminParameter]) throws(Malformed) {
    for parameter in parameters {
      let text = target.queryValue(named: parameter.name).map { String(decoding: $0, as: UTF8.self) }
      let value = text.map { text in
        if case .count = parameter.kind { JSONValue.number(text) } else { JSONValue.text(text) }
      }
      try take(parameter, value)
    }
  }

  private mutating func take(_ parameter: AdminParameter, _ value: JSONValue?) throws(Malformed) {
    guard let value else {
      if parameter.isRequired {
        throw Malformed(description: "'\(parameter.name)' is needed: \(parameter.allowed).")
      }
      return
    }
    guard let text = parameter.text(of: value) else {
      throw Malformed(description: "'\(parameter.name)' must be \(parameter.allowed).")
    }
    texts[parameter.name] = text
  }

  /// The text of an argument; nil if it is missing.
  subscript(name: String) -> String? { texts[name] }

  /// The value of a number; nil if it is missing.
  func count(_ name: String) -> Int? { texts[name].flatMap { Int($0) } }

  /// The given arguments with these names as `key=value` pairs for a ``Wire/Command``, in this order.
  func commandArgument(_ names: [String]) -> String {
    names.compactMap { name in texts[name].map { "\(name)=\($0)" } }.joined(separator: " ")
  }
}
