import HTTP
import TestSupport

@testable import Service

/// The texts of a document, by the rules for a configuration file, from the other reader of JSON in this project; nil if it
/// is none.
private func texts(_ value: JSONValue) -> [[UInt8]: [UInt8]]? {
  guard case .object = value else { return nil }
  var texts: [[UInt8]: [UInt8]] = [:]
  return collect(value, under: nil, into: &texts) ? texts : nil
}

private func collect(_ value: JSONValue, under key: [UInt8]?, into texts: inout [[UInt8]: [UInt8]]) -> Bool {
  switch value {
  case .null: return true
  case .object(let members):
    return members.allSatisfy { member in
      collect(
        member.value, under: (key.map { $0 + [UInt8(ascii: ".")] } ?? []) + Array(member.name.utf8),
        into: &texts)
    }
  case .array(let elements):
    let words = elements.map(word)
    guard words.allSatisfy({ $0 != nil }) else { return false }
    return texts.updateValue(Array(words.compactMap(\.self).joined(separator: [44])), forKey: key ?? [])
      == nil
  default: return word(value).map { texts.updateValue($0, forKey: key ?? []) == nil } ?? false
  }
}

private func word(_ value: JSONValue) -> [UInt8]? {
  switch value {
  case .boolean(let flag): Array((flag ? "true" : "false").utf8)
  case .number(let text), .text(let text): Array(text.utf8)
  case .null, .array, .object: nil
  }
}

private func write(_ value: JSONValue, to writer: inout JSONWriter) -> Bool {
  switch value {
  case .null: writer.null()
  case .boolean(let flag): writer.value(flag)
  case .text(let text): writer.value(text)
  case .number(let text):
    // The writer knows numbers and not their digits.
    guard let number = Int64(text), String(number) == text else { return false }
    writer.value(number)
  case .array(let elements):
    var isComplete = true
    writer.array { writer in for each in elements { isComplete = write(each, to: &writer) && isComplete } }
    return isComplete
  case .object(let members):
    var isComplete = true
    writer.object { writer in
      for each in members {
        writer.member(each.name) { isComplete = write(each.value, to: &$0) && isComplete }
      }
    }
    return isComplete
  }
  return true
}

private func read(_ bytes: [UInt8]) -> Result<[String: String], SettingsJSON.Failure> {
  do throws(SettingsJSON.Failure) { return .success(try SettingsJSON.texts(of: bytes)) } catch {
    return .failure(error)
  }
}

extension FuzzTarget {
  /// The two readers of JSON agree: what a configuration file may contain is JSON with the same contents. What is written is
  /// read again. An error names a line that exists.
  static let settings = FuzzTarget(
    name: "settings", subject: "configuration files, and JSON from operators", sizeMaximum: 4_000,
    seeds: settingsSeeds
  ) { bytes in
    let value = JSONValue(parsing: bytes)
    switch read(bytes) {
    case .success(let found):
      guard let value else { throw Finding("a file was read that is not JSON: \(found)") }
      guard let expected = texts(value) else { throw Finding("a file was read that has \(value)") }
      let pairs = found.map { (Array($0.key.utf8), Array($0.value.utf8)) }
      try demand(
        Dictionary(pairs) { first, _ in first } == expected && pairs.count == expected.count,
        "a file was read as \(found), and is \(value)")
    case .failure(let failure):
      let lines = bytes.count { $0 == 10 } + 1
      try demand((1...lines).contains(failure.line), "line \(failure.line) of \(lines)")
    }
    guard let value else { return }
    var writer = JSONWriter()
    if write(value, to: &writer) {
      try demand(
        JSONValue(parsing: writer.bytes) == value,
        "\(value) was written as \(String(decoding: writer.bytes, as: UTF8.self))")
    }
  }

  @Sendable private static func settingsSeeds() -> [[UInt8]] {
    [
      #"{"log.level": "debug", "link": {"listen": ":8010"}}"#,
      "{\n  \"clients.max\": 1000,\n  \"hub\": [\"a:8010\", \"b:8010\"],\n  \"raw\": true, \"x\": null\n}\n",
      #"{"a": {"b": {"c": -1.5e3}}, "d": [], "e": "\"\\\/\n\t"}"#, #"{"a": 1, "a": 2}"#, "[1, 2]", "null",
      #"{"a": "ü📂", "text": "é\u00e9\ud83d\udcc2\b\f\r"}"#, #"{"n": [0, -0, 1E+2, 0.25, 12]}"#,
      String(repeating: #"{"a":"#, count: 16) + "1" + String(repeating: "}", count: 16),
    ].map { Array($0.utf8) }
  }
}
