import Glibc

/// Something that is made anew when the files behind it change; while they are no good, it stays as it is.
public struct Reloadable<Value: Sendable>: Sendable {
  /// What came of a look at the files.
  public enum Outcome: Equatable, Sendable {
    /// They are as they were, or are still being changed.
    case unchanged
    /// ``Reloadable/value`` is a new one.
    case renewed
    /// They cannot be used, for this reason; the value is still the old one. Told once for each change.
    case refused(String)
  }

  /// What was made of the files when they were last good.
  public private(set) var value: Value

  /// Why the files as they are cannot be used; nil if ``value`` was made of them.
  public private(set) var refusal: String?

  private let files: [String]
  private let make: @Sendable () throws -> Value
  private var watch: FileWatch

  /// Makes the first value.
  ///
  /// - Parameters:
  ///   - files: the paths of all files that `make` reads.
  ///   - make: makes a value of them, or says why it cannot.
  /// - Throws: what `make` throws.
  public init(files: [String], make: @escaping @Sendable () throws -> Value) throws {
    self.files = files
    self.make = make
    // Before they are read: what changes meanwhile shows at the next look.
    watch = FileWatch(loaded: files.map(Self.stamp))
    value = try make()
  }

  /// Looks whether the files have changed, and loads them if they have and were the same at the look before.
  /// To be called every few seconds, by a thread that may wait for the disk.
  public mutating func look() -> Outcome {
    switch watch.looked(files.map(Self.stamp)) {
    case .keep: .unchanged
    case .load: load()
    }
  }

  /// Loads the files at once, changed or not (SIGHUP).
  public mutating func reload() -> Outcome {
    watch.loading(files.map(Self.stamp))
    return load()
  }

  private mutating func load() -> Outcome {
    do {
      value = try make()
      refusal = nil
      return .renewed
    } catch {
      refusal = "\(error)"
      return .refused("\(error)")
    }
  }

  /// The stamp of the file that a path leads to; nil if there is none to be seen.
  private static func stamp(of path: String) -> FileStamp? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return FileStamp(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
      modified: nanoseconds(status.st_mtim), changed: nanoseconds(status.st_ctim))
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
