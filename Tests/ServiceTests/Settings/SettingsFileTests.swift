import Testing

@testable import Service

@Suite struct SettingsFileTests {
  @Test("A file larger than its limit is not read")
  func tooLarge() throws {
    let file = try TemporaryFile(String(repeating: " ", count: SettingsFile.maximumCount - 2) + "{}")
    #expect(try SettingsFile(path: file.path).texts.isEmpty)
    let larger = try TemporaryFile(String(repeating: " ", count: SettingsFile.maximumCount - 1) + "{}")
    let failure = try #require(throws: SettingsFile.Failure.self) { try SettingsFile(path: larger.path) }
    #expect(failure.description == "is larger than 1048576 bytes")
  }

  @Test("A folder is not a file")
  func folder() throws {
    let failure = try #require(throws: SettingsFile.Failure.self) { try SettingsFile(path: "/") }
    #expect(failure.description.contains("cannot be read"))
  }

  @Test(
    "A world-readable file is recognized", arguments: [(0o644, true), (0o640, false), (0o600, false)])
  func permissions(mode: Int, isReadable: Bool) throws {
    let file = try TemporaryFile("{}", permissions: mode)
    #expect(try SettingsFile(path: file.path).isReadableByEverybody == isReadable)
  }
}
