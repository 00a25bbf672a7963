import HTTP
import Testing

@Suite struct JSONValueTests {
  @Test(
    "a text is parsed",
    arguments: [
      (
        #" {"a": [1, -2.5e3, true, false, null], "b":{"c":"x"}} "#,
        JSONValue.object([
          .init(
            name: "a",
            value: .array([.number("1"), .number("-2.5e3"), .boolean(true), .boolean(false), .null])),
          .init(name: "b", value: .object([.init(name: "c", value: .text("x"))])),
        ])
      ),
      ("[]", .array([])), ("{}", .object([])), ("0", .number("0")), (#""""#, .text("")),
      (#""\"\\\/\b\f\n\r\té\u00e9\ud83d\uDE00""#, .text("\"\\/\u{8}\u{c}\n\r\téé😀")),
    ])
  func parses(text: String, value: JSONValue) {
    #expect(JSONValue(parsing: Array(text.utf8)) == value)
  }

  @Test(
    "other text is refused",
    arguments: [
      "", " ", "{", "[1", "[1,]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,"a":2}"#, #"{a:1}"#, "01", "+1",
      "1.", ".5", "1e",
      "1e+", "--1", "nul", "True", "NaN", "\"\n\"", #""\x""#, #""\u12""#, #""\u+123""#, #""\ud800""#,
      #""\ud800\u0041""#, #""\udc00""#, "\"", "1 2",
      "{} {}", "'a'", "[1 2]", "\u{feff}{}",
    ])
  func refuses(text: String) {
    #expect(JSONValue(parsing: Array(text.utf8)) == nil)
  }

  @Test("canonically equivalent names and texts are distinguished by their bytes")
  func equivalents() throws {
    let value = try #require(JSONValue(parsing: Array("{\"\u{e9}\":1,\"e\u{301}\":2}".utf8)))
    #expect(value["\u{e9}"]?.count == 1)
    #expect(value["e\u{301}"]?.count == 2)
    #expect(JSONValue.text("\u{e9}") != .text("e\u{301}"))
    #expect(JSONValue.array([.text("\u{e9}")]) != .array([.text("e\u{301}")]))
    #expect(JSONValue.Member(name: "\u{e9}", value: .null) != .init(name: "e\u{301}", value: .null))
    #expect(value == JSONValue(parsing: Array("{\"\\u00e9\":1, \"e\\u0301\":2}".utf8)))
  }

  @Test("bytes that are not UTF-8 are no JSON")
  func encoding() {
    #expect(JSONValue(parsing: [0x22, 0xff, 0x22]) == nil)
  }

  @Test("the depth of nesting is limited")
  func depth() {
    let deep = { (count: Int) in
      Array((String(repeating: "[", count: count) + String(repeating: "]", count: count)).utf8)
    }
    #expect(JSONValue(parsing: deep(17)) != nil)
    #expect(JSONValue(parsing: deep(18)) == nil)
    #expect(JSONValue(parsing: deep(100_000)) == nil)
  }

  @Test("members, texts, counts and elements are found by their type")
  func access() throws {
    let value = try #require(JSONValue(parsing: Array(#"{"n":12,"t":"x","l":[1],"m":-1,"f":1.5}"#.utf8)))
    #expect(value["n"]?.count == 12)
    #expect(value["t"]?.text == "x")
    #expect(value["l"]?.elements == [.number("1")])
    #expect(value["m"]?.count == nil)
    #expect(value["f"]?.count == nil)
    #expect(value["n"]?.text == nil)
    #expect(value["x"] == nil)
    #expect(JSONValue.null["x"] == nil)
    #expect(JSONValue.number("99999999999999999999").count == nil)
    for whole in ["40", "40.0", "4e1", "4.0E+1", "400e-1", "0.4e2", "4000.00e-2"] {
      #expect(JSONValue.number(whole).count == 40, "\(whole)")
    }
    #expect(JSONValue.number("0.0").count == 0 && JSONValue.number("0e-9").count == 0)
    #expect(JSONValue.number("1.8446744073709551615e19").count == UInt64.max)
    for other in [
      "0.5", "40.01", "4e-1", "-40", "-40.0", "1e999999999999", "1e400", "", "x", "40.", ".5", "4e", "0x1",
      "+1",
    ] {
      #expect(JSONValue.number(other).count == nil, "\(other)")
    }
  }

  @Test("what the writer writes is read back")
  func roundTrip() {
    var writer = JSONWriter()
    writer.object { $0.member("a\u{1}\"", "line\nand \u{7f} é 😀") }
    let value = JSONValue(parsing: writer.bytes)
    #expect(value?["a\u{1}\""]?.text == "line\nand \u{7f} é 😀")
  }
}
