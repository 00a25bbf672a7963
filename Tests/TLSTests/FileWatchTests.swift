import TLS
import Testing

@Suite("When files are loaded again")
struct FileWatchTests {
  /// A pair of files, each with its version; nil for a missing file.
  private func pair(_ certificate: Int64?, _ key: Int64?) -> [FileStamp?] {
    [certificate, key].map { version in
      version.map { FileStamp(device: 1, inode: 2, size: 3, modified: $0, changed: 5) }
    }
  }

  @Test("Without a change nothing is loaded")
  func steady() {
    var watch = FileWatch(loaded: pair(1, 1))
    for _ in 0..<5 { #expect(watch.looked(pair(1, 1)) == .keep) }
  }

  @Test("A change is loaded at the second look that finds it, and once only")
  func change() {
    var watch = FileWatch(loaded: pair(1, 1))
    let actions = (0..<4).map { _ in watch.looked(pair(2, 2)) }
    #expect(actions == [.keep, .load, .keep, .keep])
  }

  @Test("Nothing is loaded between the changes of the two files")
  func settling() {
    var watch = FileWatch(loaded: pair(1, 1))
    let looks = [pair(2, 1), pair(2, nil), pair(2, 2), pair(2, 3), pair(2, 3)]
    #expect(looks.map { watch.looked($0) } == [.keep, .keep, .keep, .keep, .load])
  }

  @Test("A change undone before it was loaded is no change")
  func undone() {
    var watch = FileWatch(loaded: pair(1, 1))
    let looks = [pair(nil, 1), pair(1, 1), pair(1, 1)]
    #expect(looks.allSatisfy { watch.looked($0) == .keep })
  }

  @Test("A change undone after it was loaded is a change")
  func undoneLate() {
    var watch = FileWatch(loaded: pair(1, 1))
    let looks = [pair(2, 1), pair(2, 1), pair(1, 1), pair(1, 1)]
    #expect(looks.map { watch.looked($0) } == [.keep, .load, .keep, .load])
  }

  @Test("Files loaded on demand are not loaded again")
  func demand() {
    var watch = FileWatch(loaded: pair(1, 1))
    #expect(watch.looked(pair(2, 2)) == .keep)
    watch.loading(pair(2, 2))
    #expect(watch.looked(pair(2, 2)) == .keep)
  }

  @Test("Every part of a stamp counts", arguments: 0..<3)
  func parts(part: Int) throws {
    let old = try #require(pair(1, 1)[0])
    var new = old
    new[keyPath: [\FileStamp.size, \.modified, \.changed][part]] += 1
    var watch = FileWatch(loaded: [old])
    #expect([watch.looked([new]), watch.looked([new])] == [.keep, .load])
  }

  @Test(
    "A replacement counts as a change, however similar",
    arguments: [(1, 9), (9, 2)] as [(UInt64, UInt64)])
  func replaced(device: UInt64, inode: UInt64) {
    var watch = FileWatch(loaded: pair(1, 1))
    let new = FileStamp(device: device, inode: inode, size: 3, modified: 1, changed: 5)
    #expect([watch.looked([new, new]), watch.looked([new, new])] == [.keep, .load])
  }
}
