import Foundation
import Synchronization
import TLS
import Testing

/// A text in a file; some texts are unusable at some moments.
@Suite("A value that is valid for a time")
struct ReloadableTests {
  /// The texts that are unusable now.
  private final class Clock: Sendable {
    let untimely = Mutex<Set<String>>([])

    func forbid(_ texts: String...) { untimely.withLock { $0 = Set(texts) } }
  }

  private let clock = Clock()
  private let file: URL

  init() throws {
    file = FileManager.default.temporaryDirectory.appending(
      path: "reloadable-\(getpid())-\(UInt32.random(in: 0 ... .max))")
  }

  private func write(_ text: String) throws { try Data(text.utf8).write(to: file) }

  private func reloadable() throws -> Reloadable<String> {
    try Reloadable(
      files: [file.path],
      obstacle: { [clock] text in
        clock.untimely.withLock { $0.contains(text) } ? "\(text) is not for now" : nil
      },
      make: { [file] in try String(contentsOf: file, encoding: .utf8) })
  }

  @Test("The first value is accepted at any time, and a usable one replaces it")
  func first() throws {
    defer { try? FileManager.default.removeItem(at: file) }
    try write("old")
    clock.forbid("old")
    var reloadable = try reloadable()
    #expect(reloadable.value == "old")
    #expect(reloadable.checkForChanges() == .unchanged)
    try write("newer")
    #expect([reloadable.checkForChanges(), reloadable.checkForChanges()] == [.unchanged, .renewed])
    #expect(reloadable.value == "newer")
  }

  @Test("A value before its time waits while the old one is usable; it is reported once")
  func early() throws {
    defer { try? FileManager.default.removeItem(at: file) }
    try write("good")
    clock.forbid("early one")
    var reloadable = try reloadable()
    try write("early one")
    #expect(
      [reloadable.checkForChanges(), reloadable.checkForChanges()] == [
        .unchanged, .refused("early one is not for now"),
      ])
    #expect([reloadable.checkForChanges(), reloadable.checkForChanges()] == [.unchanged, .unchanged])
    #expect(reloadable.value == "good" && reloadable.refusal == "early one is not for now")
    clock.forbid()
    #expect(reloadable.checkForChanges() == .renewed)
    #expect(reloadable.value == "early one" && reloadable.refusal == nil)
    #expect(reloadable.checkForChanges() == .unchanged)
  }

  @Test("Of two unusable values the one in the file counts: the clock may be wrong")
  func both() throws {
    defer { try? FileManager.default.removeItem(at: file) }
    try write("a")
    clock.forbid("a", "bb")
    var reloadable = try reloadable()
    try write("bb")
    #expect(reloadable.reload() == .renewed)
    #expect(reloadable.value == "bb")
  }

  @Test("A waiting value is dropped when the file changes again")
  func replaced() throws {
    defer { try? FileManager.default.removeItem(at: file) }
    try write("good")
    clock.forbid("early one")
    var reloadable = try reloadable()
    try write("early one")
    #expect(reloadable.reload() == .refused("early one is not for now"))
    try write("better")
    #expect(reloadable.reload() == .renewed)
    clock.forbid()
    #expect(reloadable.checkForChanges() == .unchanged)
    #expect(reloadable.value == "better")
  }
}
