import Primitives
import Service
import Testing

@Suite struct PushSettingsTests {
  @Test("Values of headers are never shown, even where they are malformed")
  func mask() {
    let setting = PushSettings.openTelemetryFields
    #expect(setting.masked("api-key=abc,x=y=z") == "api-key=***,x=***")
    #expect(setting.masked("api-key:abc=") == "***")
    #expect(setting.masked("abc") == "***")
  }

  @Test("Headers are names and values, and cannot contain line breaks")
  func headers() throws {
    let format = PushSettings.openTelemetryFields.format
    #expect(
      try format.parse("api-key=a=b,x=y") == [
        HTTPField(name: "api-key", value: "a=b"), HTTPField(name: "x", value: "y"),
      ])
    for text in ["x", "=y", "a b=c", "a=b\r\nc: d", "a=b\n"] {
      #expect(throws: MalformedText.self) { try format.parse(text) }
    }
  }

  @Test("The prefix is words with dots between them", arguments: ["", ".", "a..b", "a b", "a/b", ".a"])
  func prefix(text: String) {
    #expect(throws: MalformedText.self) { try PushSettings.prefix.format.parse(text) }
  }
}
