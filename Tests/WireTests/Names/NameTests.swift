import Testing
import Wire

@Suite struct TopicIDTests {
  @Test(
    "It is 1 to 64 letters, digits, underscores and hyphens",
    arguments: ["1", "1F1EF-1F1F5", "_a-Z9", String(repeating: "x", count: 64)])
  func accepted(_ text: String) { #expect(TopicID(text)?.description == text) }

  @Test(
    "Any other text is invalid",
    arguments: ["", "a.b", "a b", "a/b", "%31", "é", "a\n", "\0", String(repeating: "x", count: 65)])
  func refused(_ text: String) { #expect(TopicID(text) == nil) }
}

@Suite struct ChannelNameTests {
  @Test(
    "It is 1 to 128 letters, digits, dots, underscores and hyphens",
    arguments: ["a", "stream.interaction.x_y-9", String(repeating: "x", count: 128)])
  func accepted(_ text: String) { #expect(ChannelName(text)?.description == text) }

  @Test(
    "Any other text is invalid",
    arguments: ["", "a b", "a:b", "a\rb", "a\n", "é", String(repeating: "x", count: 129)])
  func refused(_ text: String) { #expect(ChannelName(text) == nil) }
}

@Suite struct SoftwareVersionTests {
  @Test(
    "It is 1 to 64 printable ASCII characters",
    arguments: [" ", "~", "0.1.0+abc (linux)", String(repeating: "x", count: 64)])
  func accepted(_ text: String) { #expect(SoftwareVersion(text)?.description == text) }

  @Test(
    "Any other text is invalid",
    arguments: ["", "\u{1f}", "\u{7f}", "1.0\n", "é", String(repeating: "x", count: 65)])
  func refused(_ text: String) { #expect(SoftwareVersion(text) == nil) }
}
