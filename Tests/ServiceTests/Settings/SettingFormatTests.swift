import Primitives
import Testing

@testable import Service

@Suite struct SettingFormatTests {
  @Test(
    "Durations are whole numbers with a unit, or in the setting's own unit",
    arguments: [
      ("250ms", .milliseconds(250)), ("15s", .seconds(15)), ("15 s", .seconds(15)), ("2m", .seconds(120)),
      ("1h", .seconds(3_600)), ("7", .seconds(7)), ("0", .zero),
    ] as [(String, Duration)])
  func durations(text: String, duration: Duration) throws {
    #expect(try SettingFormat.duration(.zero ... .seconds(3_600), unit: .seconds).parse(text) == duration)
  }

  @Test(
    "Texts that are no duration, or out of range, are refused",
    arguments: [
      ("", "is not a duration"), ("s", "is not a duration"), ("1.5s", "is not a duration"),
      ("-1s", "is not a duration"), ("1 d", "is not a duration"), ("1S", "is not a duration"),
      ("９s", "is not a duration"), ("9223372036854775807h", "is not a duration"),
      ("9223372036854775808", "is not a duration"), ("999ms", "is out of range"),
      ("60001ms", "is out of range"),
    ])
  func malformedDurations(text: String, reason: String) {
    let format = SettingFormat.duration(.seconds(1) ... .seconds(60), unit: .seconds)
    #expect(throws: MalformedText(reason)) { try format.parse(text) }
  }

  @Test("The limits of a duration themselves are allowed, and are shown with their units")
  func durationLimits() throws {
    let format = SettingFormat.duration(.milliseconds(1_500) ... .seconds(120), unit: .milliseconds)
    #expect(try format.parse("1500") == .milliseconds(1_500))
    #expect(try format.parse("2m") == .seconds(120))
    #expect(format.allowed == "a duration from 1500ms to 2m in ms, s, m or h; a plain number is milliseconds")
  }

  @Test(
    "Sizes are whole numbers of bytes, or have a binary unit",
    arguments: [
      ("65536", 65_536), ("64KiB", 65_536), ("4MiB", 4 << 20), ("1GiB", 1 << 30), ("65536B", 65_536),
    ])
  func sizes(text: String, count: Int) throws {
    #expect(try SettingFormat.byteCount(1 << 10...1 << 30).parse(text) == count)
  }

  @Test(
    "Invalid sizes, or out of range, are refused", arguments: ["", "64KB", "64k", "1023", "2GiB", "1e6"])
  func malformedSizes(text: String) {
    #expect(throws: MalformedText.self) { try SettingFormat.byteCount(1 << 10...1 << 30).parse(text) }
  }

  @Test("Whole numbers are in range, in ASCII digits")
  func integers() throws {
    let format = SettingFormat<Int>.integer(1...4_096, of: "of edges")
    #expect(format.allowed == "a whole number of edges from 1 to 4096")
    #expect(try format.parse("1") == 1)
    #expect(try format.parse("4096") == 4_096)
    for text in ["0", "4097"] {
      #expect(throws: MalformedText("is out of range")) { try format.parse(text) }
    }
    for text in ["", "+1", "-1", "1_000", "1.0", "１", "99999999999999999999"] {
      #expect(throws: MalformedText("is not a whole number")) { try format.parse(text) }
    }
  }

  @Test("Decimal numbers are plain")
  func decimals() throws {
    let format = SettingFormat.decimal(0...4)
    #expect(try format.parse("1.05") == 1.05)
    for text in ["nan", "inf", "1e0", "0x1", "", ".", "4.01"] {
      #expect(throws: MalformedText.self) { try format.parse(text) }
    }
  }

  @Test("Booleans are words or digits")
  func booleans() throws {
    for text in ["true", "TRUE", "yes", "on", "1"] { #expect(try SettingFormat.boolean.parse(text)) }
    for text in ["false", "no", "Off", "0"] { #expect(try !SettingFormat.boolean.parse(text)) }
    for text in ["", "2", "y"] {
      #expect(throws: MalformedText("is neither")) { try SettingFormat.boolean.parse(text) }
    }
  }

  @Test("A choice is one of its words, exactly")
  func choices() throws {
    let format = SettingFormat.choice("format", LogFormat.allCases.map { ($0.rawValue, $0) })
    #expect(format.allowed == "one of auto, text, json")
    #expect(try format.parse("json") == .json)
    #expect(throws: MalformedText("is none of them")) { try format.parse("JSON") }
  }
}
