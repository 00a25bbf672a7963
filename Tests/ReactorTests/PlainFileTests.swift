import Foundation
import Testing

@testable import Reactor

@Suite("A plain file")
struct PlainFileTests {
  private let path = FileManager.default.temporaryDirectory.appending(path: "plain-file-\(UUID())").path

  private func write(_ text: String, mode: Int = 0o600) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  private func remove() { try? FileManager.default.removeItem(atPath: path) }

  @Test("It is read whole, up to the limit")
  func whole() throws {
    defer { remove() }
    try write("12345678", mode: 0o640)
    let file = try PlainFile(path: path, maximumCount: 8)
    #expect(file.bytes == Array("12345678".utf8))
    #expect(file.mode == 0o640)
    #expect(throws: PlainFile.Failure.tooLarge(limit: 7)) { try PlainFile(path: path, maximumCount: 7) }
  }

  @Test("A file of the kernel has no size, and is read")
  func withoutSize() throws {
    #expect(try !PlainFile(path: "/proc/self/status", maximumCount: 1 << 16).bytes.isEmpty)
  }

  @Test("A folder and a pipe are refused, and do not hang the process")
  func others() throws {
    #expect(throws: PlainFile.Failure.notPlain) { try PlainFile(path: "/", maximumCount: 8) }
    #expect(unsafe mkfifo(path, 0o600) == 0)
    defer { remove() }
    #expect(throws: PlainFile.Failure.notPlain) { try PlainFile(path: path, maximumCount: 8) }
  }

  @Test("A missing file and a dangling link are told from one that cannot be opened")
  func missing() throws {
    #expect(throws: PlainFile.Failure.missing) { try PlainFile(path: path, maximumCount: 8) }
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/nonexistent")
    defer { remove() }
    #expect(throws: PlainFile.Failure.missing) { try PlainFile(path: path, maximumCount: 8) }
    #expect(throws: PlainFile.Failure.unreadable(SystemError(call: "open", code: ENOTDIR))) {
      try PlainFile(path: "/etc/passwd/x", maximumCount: 8)
    }
  }
}
