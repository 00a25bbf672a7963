import Foundation
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
    #expect(failure.description == "cannot be read: it is not a plain file")
  }

  @Test("A file that is not there, or closed to us, is named")
  func missing() throws {
    let failure = try #require(throws: SettingsFile.Failure.self) { try SettingsFile(path: "/nonexistent/x") }
    #expect(failure.description == "cannot be read: there is no such file")
  }

  @Test(
    "A link is judged by the file that it leads to, as where secrets are mounted as links",
    arguments: [(0o644, true), (0o640, false), (0o600, false)])
  func link(mode: Int, isReadable: Bool) throws {
    let file = try TemporaryFile(#"{"log.level": "debug"}"#, permissions: mode)
    let link = file.path + ".link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file.path)
    defer { try? FileManager.default.removeItem(atPath: link) }
    let read = try SettingsFile(path: link)
    #expect(read.texts == ["log.level": "debug"])
    #expect(read.isReadableByEverybody == isReadable)
  }

  @Test(
    "A world-readable file is recognized", arguments: [(0o644, true), (0o640, false), (0o600, false)])
  func permissions(mode: Int, isReadable: Bool) throws {
    let file = try TemporaryFile("{}", permissions: mode)
    #expect(try SettingsFile(path: file.path).isReadableByEverybody == isReadable)
  }
}
