import Glibc

/// A value that is made again when its files change. While the files are bad, the old value stays in use.
///
/// A value may be well made and still unusable at present, like a certificate before or after its time. Such a value
/// replaces only one that is unusable too, and otherwise waits until it is usable.
package struct Reloadable<Value: Sendable>: Sendable {
  /// The result of a look at the files.
  package enum Outcome: Equatable, Sendable {
    /// The files have not changed, or are still being changed.
    case unchanged
    /// ``Reloadable/value`` is a new one.
    case renewed
    /// The files cannot be used, for this reason; the value is still the old one. Reported once for each change.
    case refused(String)
  }

  /// The value made from the files when they were last good.
  package private(set) var value: Value

  /// Why the present files cannot be used; nil if ``value`` was made from them.
  package private(set) var refusal: String?

  private let files: [String]
  private let make: @Sendable () throws -> Value
  private let obstacle: @Sendable (Value) -> String?
  private var watch: FileWatch
  /// A value made from the present files that cannot be used yet.
  private var waiting: Value?

  /// Makes the first value.
  ///
  /// - Parameters:
  ///   - files: the paths of all files that `make` reads.
  ///   - obstacle: why a value cannot be used at present; nil if it can.
  ///   - make: makes a value from them, or throws the reason.
  /// - Throws: what `make` throws.
  package init(
    files: [String], obstacle: @escaping @Sendable (Value) -> String? = { _ in nil },
    make: @escaping @Sendable () throws -> Value
  ) throws {
    self.files = files
    self.make = make
    self.obstacle = obstacle
    // Before they are read: a change during the reading shows at the next look.
    watch = FileWatch(loaded: files.map(Self.stamp))
    value = try make()
  }

  /// Examines the files, and loads them if they have changed and were the same at the previous look. To be called
  /// every few seconds, on a thread that may wait for the disk.
  package mutating func checkForChanges() -> Outcome {
    switch watch.looked(files.map(Self.stamp)) {
    case .keep: takeWaiting()
    case .load: load()
    }
  }

  /// Loads the files at once, changed or not (SIGHUP).
  package mutating func reload() -> Outcome {
    watch.loading(files.map(Self.stamp))
    return load()
  }

  private mutating func load() -> Outcome {
    waiting = nil
    do {
      let new = try make()
      guard let reason = obstacle(new), obstacle(value) == nil else { return take(new) }
      waiting = new
      return refuse(reason)
    } catch {
      return refuse("\(error)")
    }
  }

  private mutating func takeWaiting() -> Outcome {
    guard let waiting, obstacle(waiting) == nil else { return .unchanged }
    self.waiting = nil
    return take(waiting)
  }

  private mutating func take(_ new: Value) -> Outcome {
    value = new
    refusal = nil
    return .renewed
  }

  private mutating func refuse(_ reason: String) -> Outcome {
    refusal = reason
    return .refused(reason)
  }

  /// The stamp of the file at a path; nil if there is none, or it is not accessible.
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

extension Reloadable<TLSContext> {
  /// A context whose certificate dates count, by this machine's clock: ``TLSContext/dateProblem(at:)``.
  ///
  /// - Parameters:
  ///   - files: the paths of all files that `make` reads.
  ///   - make: makes a context from them, or throws the reason.
  /// - Throws: what `make` throws. The first context may have any dates.
  package static func context(
    files: [String], make: @escaping @Sendable () throws -> TLSContext
  ) throws -> Reloadable {
    try Reloadable(
      files: files, obstacle: { $0.dateProblem(at: Int64(time(nil)))?.description }, make: make)
  }
}
