import Testing

@testable import Service

private struct Declared: SettingsDeclaration {
  static let command = "emojitrack-test"
  static let purpose = "Tests changes."

  let rate = Setting("rate", "How much.", .integer(1...100), default: "5")
  let size = Setting("size", "How large.", .integer(1...100), default: "7")
  let redisURL = SharedSettings.redisURL { $0 }
}

@Suite struct SettingChangeTests {
  private func settings(_ environment: [String: String]) throws -> Settings<Declared> {
    try .resolve(arguments: [], environment: environment)
  }

  @Test("Changeable and other settings are distinguished, in words without secrets")
  func changes() throws {
    let before = try settings(["REDIS_URL": "redis://:secret@a"])
    let after = try settings([
      "EMOJITRACK_RATE": "6", "EMOJITRACK_SIZE": "8", "REDIS_URL": "redis://:other@b",
    ])
    let (now, later) = before.changes(to: after, changeable: ["rate"])
    #expect(now.map(\.description) == ["rate from 5 to 6"])
    #expect(
      later.map(\.description) == ["size from 7 to 8", "redis.url from redis://:***@a to redis://:***@b"])
  }

  @Test("A value from another source is no change")
  func sources() throws {
    let (now, later) = try settings([:]).changes(to: settings(["EMOJITRACK_RATE": "5"]), changeable: ["rate"])
    #expect(now.isEmpty && later.isEmpty)
  }

  @Test("Some values are taken over, with their display, and the others stay")
  func taking() throws {
    let after = try settings(["EMOJITRACK_RATE": "6", "EMOJITRACK_SIZE": "8"])
    let mixed = try settings([:]).taking(["rate"], from: after)
    #expect(mixed.rate == 6)
    #expect(mixed.size == 7)
    #expect(mixed.rows.map(\.value).prefix(2) == ["6", "7"])
    #expect(mixed.changes(to: after, changeable: []).later.map(\.key) == ["size"])
  }
}
