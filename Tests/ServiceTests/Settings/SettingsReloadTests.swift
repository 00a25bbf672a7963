import Testing

@testable import Service

private struct Declared: SettingsDeclaration {
  static let command = "emojitrack-test"
  static let purpose = "Tests reloads."

  let rate = Setting("rate", "How much.", .integer(1...100), default: "5", isReloadable: true)
  let size = Setting("size", "How large.", .integer(1...100), default: "7")
  let word = Setting(
    "word", "Which one.", SettingFormat<String>.filePath.optional, default: nil, meaning: "none",
    isReloadable: true)
  let redisURL = SharedSettings.redisURL { $0 }
}

@Suite struct SettingsReloadTests {
  private func settings(_ environment: [String: String]) throws -> Settings<Declared> {
    try .resolve(arguments: [], environment: environment)
  }

  @Test("Reloadable and other settings are distinguished, in words without secrets")
  func changes() throws {
    let before = try settings(["REDIS_URL": "redis://:secret@a"])
    let after = try settings([
      "EMOJITRACK_RATE": "6", "EMOJITRACK_SIZE": "8", "EMOJITRACK_WORD": "x",
      "REDIS_URL": "redis://:other@b",
    ])
    let reload = before.reload(to: after)
    #expect(reload.applied.map(\.description) == ["rate from 5 to 6", "word from none to x"])
    #expect(
      reload.postponed.map(\.description) == [
        "size from 7 to 8", "redis.url from redis://:***@a to redis://:***@b",
      ])
    #expect(
      reload.summary(after: "Read.")
        == "Read. Changed: rate from 5 to 6, word from none to x. Needs a restart: size from 7 to 8, redis.url from redis://:***@a to redis://:***@b."
    )
  }

  @Test("A value from another source is no change")
  func sources() throws {
    let reload = try settings([:]).reload(to: settings(["EMOJITRACK_RATE": "5"]))
    #expect(reload.applied.isEmpty && reload.postponed.isEmpty)
    #expect(reload.summary(after: "Read.") == "Read.")
  }

  @Test("Reloadable values are taken over, with their display, and the others stay")
  func taking() throws {
    let after = try settings(["EMOJITRACK_RATE": "6", "EMOJITRACK_SIZE": "8"])
    let mixed = try settings([:]).reload(to: after).settings
    #expect(mixed.rate == 6)
    #expect(mixed.size == 7)
    #expect(mixed.rows.map(\.value).prefix(2) == ["6", "7"])
    #expect(mixed.reload(to: after).applied.isEmpty)
    #expect(mixed.reload(to: after).postponed.map(\.key) == ["size"])
  }
}
