import Foundation
import Logging
import Testing

@testable import Service

@Suite struct LogLineTests {
  private func line(_ message: String, _ fields: [(String, Logger.MetadataValue)] = []) -> LogLine {
    LogLine(
      time: WallTime(milliseconds: 0), level: .warning, label: "edge", message: message,
      fields: fields.map { LogLine.Field(name: $0.0, value: $0.1) })
  }

  @Test("A line of text has time, level, message and fields")
  func text() {
    let line = line(
      "edge refused", [("count", "3"), ("reason", "no certificate"), ("empty", ""), ("path", #"a\b"#)])
    #expect(
      line.rendered(.text(coloured: false))
        == #"1970-01-01T00:00:00.000Z warning edge refused count=3 reason="no certificate" empty="" path="a\\b""#
    )
  }

  @Test("Colours surround their text, and only if enabled")
  func colours() {
    #expect(
      line("m", [("a", "b")]).rendered(.text(coloured: true))
        == "\u{1b}[2m1970-01-01T00:00:00.000Z\u{1b}[0m \u{1b}[33mwarning\u{1b}[0m m \u{1b}[2ma=\u{1b}[0mb")
  }

  @Test("A line of JSON has fields with their kinds")
  func json() {
    let line = line(
      "edge refused",
      [
        ("count", .stringConvertible(3)), ("load", .stringConvertible(0.5)),
        ("ready", .stringConvertible(true)),
        ("names", .array(["a", "b"])),
        ("peer", .dictionary(["port": .stringConvertible(UInt16(1)), "host": "h"])),
        ("level", "mine"),
      ])
    #expect(
      line.rendered(.json)
        == #"{"time":"1970-01-01T00:00:00.000Z","level":"warning","logger":"edge","message":"edge refused","#
        + #""count":3,"load":0.5,"ready":true,"names":["a","b"],"peer":{"host":"h","port":1},"field_level":"mine"}"#
    )
  }

  @Test("Foreign text cannot forge a line or control a terminal")
  func escaping() throws {
    let hostile = "a\nb\r\u{0}\u{1b}[2J\u{7f}\u{9b}\u{2028}\u{202e}\"\\é😀"
    let text = line(hostile, [(hostile, .string(hostile))]).rendered(.text(coloured: false))
    let json = line(hostile, [(hostile, .string(hostile))]).rendered(.json)
    let dangerous: (Unicode.Scalar) -> Bool = {
      $0.properties.generalCategory == .control || [0x2028, 0x202e].contains($0.value)
    }
    #expect(!text.unicodeScalars.contains(where: dangerous))
    #expect(!json.unicodeScalars.contains(where: dangerous))
    #expect(text.contains(#"a\nb\r\u0000\u001b[2J\u007f\u009b\u2028\u202e"\é😀"#))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String])
    #expect(object["message"] == hostile)
    #expect(object[hostile] == hostile)
  }

  @Test("A number that JSON does not have is a text")
  func notANumber() {
    #expect(line("m", [("x", .stringConvertible(Double.nan))]).rendered(.json).hasSuffix(#","x":"nan"}"#))
  }

  @Test("The style follows the format, the terminal and NO_COLOR")
  func styles() {
    #expect(LogStyle(.auto, isTerminal: true, environment: [:]) == .text(coloured: true))
    #expect(LogStyle(.auto, isTerminal: false, environment: [:]) == .json)
    #expect(LogStyle(.text, isTerminal: false, environment: [:]) == .text(coloured: false))
    #expect(LogStyle(.json, isTerminal: true, environment: [:]) == .json)
    #expect(LogStyle(.auto, isTerminal: true, environment: ["NO_COLOR": "1"]) == .text(coloured: false))
    #expect(LogStyle(.auto, isTerminal: true, environment: ["TERM": "dumb"]) == .text(coloured: false))
  }
}
