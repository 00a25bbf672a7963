import Testing

@testable import Service

@Suite struct SettingsJSONTests {
  private func texts(_ json: String) throws -> [String: String] {
    try SettingsJSON.texts(of: Array(json.utf8))
  }

  @Test("Keys may be dotted or nested, and values are kept as written")
  func forms() throws {
    let json = """
      {"hub": "a:1", "hub.name": "a", "link": {"backlog": 4096, "x": {"y": true}}, "exponent": 1.050,
       "listen": ["127.0.0.1:1", ":2" ], "nothing": null, "empty": {}, "none": [], "minus": -1e3}
      """
    #expect(
      try texts(json) == [
        "hub": "a:1", "hub.name": "a", "link.backlog": "4096", "link.x.y": "true", "exponent": "1.050",
        "listen": "127.0.0.1:1,:2", "none": "", "minus": "-1e3",
      ])
    #expect(try texts(" {} \n").isEmpty)
  }

  @Test("Two canonically equivalent keys are two, not one given twice")
  func equivalents() throws {
    // Neither is a setting, and the error must say that.
    #expect(try !texts("{\"\u{e9}\": 1, \"e\u{301}\": 2}").isEmpty)
    #expect(throws: SettingsJSON.Failure.self) { try texts("{\"\u{e9}\": 1, \"\u{e9}\": 1}") }
  }

  @Test("Escapes and other scripts are read")
  func strings() throws {
    #expect(try texts(#"{"a": "\"\\\/\n\té😀"}"#) == ["a": "\"\\/\n\té😀"])
  }

  @Test(
    "Text that is no object of settings is refused, with line and reason",
    arguments: [
      ("", 1, "settings are a JSON object"), ("[]", 1, "settings are a JSON object"),
      ("\n5", 2, "settings are a JSON object"), (#"{"a": 1"#, 1, "a comma or } is expected"),
      ("{\"a\": 1\n\"b\": 2}", 2, "a comma or } is expected"), (#"{"a": 1,}"#, 1, "the name of a setting"),
      ("{a: 1}", 1, "the name of a setting"), (#"{"a" 1}"#, 1, "a colon is expected after \"a\""),
      ("{\n\n\"a\": oops}", 3, "a text in quotes"), (#"{"a": }"#, 1, "a text in quotes"),
      (#"{"a": 'x'}"#, 1, "a text in quotes"), (#"{"a": nan}"#, 1, "a text in quotes"),
      (#"{"a": +1}"#, 1, "a text in quotes"), (#"{"a": 1-}"#, 1, "a text in quotes"),
      (#"{"a": [1 2]}"#, 1, "a comma or ] is expected"), (#"{"a": [[1]]}"#, 1, "a text in quotes"),
      (#"{"a": [null]}"#, 1, "null is not allowed in a list"), (#"{"a": "x"#, 1, "a text has no end"),
      ("{\"a\": \"x\n\"}", 1, "a text must end on its line"), (#"{"a": "\u0041"}"#, 1, "of escapes"),
      (#"{"a": "\"#, 1, "of escapes"), (#"{"a": 1, "a": 2}"#, 1, "\"a\" is given twice"),
      (#"{"a.b": 1, "a": {"b": 2}}"#, 1, "\"a.b\" is given twice"), ("{} {}", 1, "something after the end"),
      (#"{"a": 0010}"#, 1, "a text in quotes"), (#"{"a": 0x10}"#, 1, "a text in quotes"),
      (#"{"a": 1.}"#, 1, "a text in quotes"),
      (#"{"a": null, "a": 1}"#, 1, "\"a\" is given twice"),
      (#"{"a": {"b": 1}, "a": {"c": 2}}"#, 1, "\"a\" is given twice"),
      (String(repeating: #"{"a":"#, count: 17), 1, "nested too deeply"),
    ])
  func refused(json: String, line: Int, reason: String) throws {
    let failure = try #require(throws: SettingsJSON.Failure.self) { try texts(json) }
    #expect(failure.line == line)
    #expect(failure.reason.contains(reason))
  }

  @Test("Broken UTF-8 is refused")
  func brokenText() throws {
    let bytes = Array(#"{"a": "x"}"#.utf8).map { $0 == UInt8(ascii: "x") ? 0xff : $0 }
    #expect(throws: SettingsJSON.Failure(line: 1, reason: "a text is not UTF-8")) {
      try SettingsJSON.texts(of: bytes)
    }
  }

  @Test("Every beginning of a valid file is refused, and none crashes")
  func beginnings() {
    let whole = Array(#"{"a": {"b": [1, "\n", true]}, "c": "d"}"#.utf8)
    for count in 0..<whole.count {
      #expect(throws: SettingsJSON.Failure.self) { try SettingsJSON.texts(of: Array(whole[..<count])) }
    }
  }
}
