import Glibc

/// Something that is made anew when the files behind it change; while they are no good, it stays as it is.
///
/// A value may be well made and still be of no use at present, as a certificate before or after its time. It is then used only
/// where the one before is of no use either, and otherwise waits until it is.
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
  private let obstacle: @Sendable (Value) -> String?
  private var watch: FileWatch
  /// What was made of the files, and cannot be used yet.
  private var waiting: Value?

  /// Makes the first value.
  ///
  /// - Parameters:
  ///   - files: the paths of all files that `make` reads.
  ///   - obstacle: why a value cannot be used at present; nil if it can.
  ///   - make: makes a value of them, or says why it cannot.
  /// - Throws: what `make` throws.
  public init(
    files: [String], obstacle: @escaping @Sendable (Value) -> String? = { _ in nil },
    make: @escaping @Sendable () throws -> Value
  ) throws {
    self.files = files
    self.make = make
    self.obstacle = obstacle
    // Before they are read: what changes meanwhile shows at the next look.
    watch = FileWatch(loaded: files.map(Self.stamp))
    value = try make()
  }

  /// Looks whether the files have changed, and loads them if they have and were the same at the look before.
  /// To be called every few seconds, by a thread that may wait for the disk.
  public mutating func look() -> Outcome {
    switch watch.looked(files.map(Self.stamp)) {
    case .keep: takeWaiting()
    case .load: load()
    }
  }

  /// Loads the files at once, changed or not (SIGHUP).
  public mutating func reload() -> Outcome {
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

extension Reloadable<TLSContext> {
  /// A context of which the dates count, by this machine's clock: ``TLSContext/dateProblem(at:)``.
  ///
  /// - Parameters:
  ///   - files: the paths of all files that `make` reads.
  ///   - make: makes a context of them, or says why it cannot.
  /// - Throws: what `make` throws. The first context may be of any date.
  public static func context(
    files: [String], make: @escaping @Sendable () throws -> TLSContext
  ) throws -> Reloadable {
    try Reloadable(
      files: files, obstacle: { $0.dateProblem(at: Int64(time(nil)))?.description }, make: make)
  }
}
