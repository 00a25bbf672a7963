/// What tells one content of a file from another without reading it.
package struct FileStamp: Hashable, Sendable {
  /// The device and the number of the file on it: others when a file has been put in its place.
  package var device: UInt64
  /// See `device`.
  package var inode: UInt64
  /// Its length in bytes.
  package var size: Int64
  /// When it was last written, in nanoseconds since 1970.
  package var modified: Int64
  /// When its owner, mode or links last changed, in nanoseconds since 1970: a key that was refused because
  /// others could read it is worth another look after `chmod`.
  package var changed: Int64

  /// A stamp.
  package init(device: UInt64, inode: UInt64, size: Int64, modified: Int64, changed: Int64) {
    self.device = device
    self.inode = inode
    self.size = size
    self.modified = modified
    self.changed = changed
  }
}

/// Decides when files that belong together are to be loaded again: once for each change, and only when two looks
/// in a row found the same, for a certificate and its key are never replaced in the same instant.
package struct FileWatch: Sendable {
  /// What follows from a look.
  package enum Action: Equatable, Sendable {
    /// Go on with what was loaded.
    case keep
    /// Load all of them, and whether that fails or not, do not try again before they change.
    case load
  }

  /// The files as they were when they were last loaded; nil for one that was not there.
  private var loaded: [FileStamp?]

  /// The files as the last look found them.
  private var seen: [FileStamp?]

  /// Begins with files that were like this right before they were loaded.
  package init(loaded: [FileStamp?]) {
    self.loaded = loaded
    seen = loaded
  }

  /// The files were looked at.
  package mutating func looked(_ found: [FileStamp?]) -> Action {
    let isSettled = found == seen
    seen = found
    guard isSettled, found != loaded else { return .keep }
    loaded = found
    return .load
  }

  /// The files are loaded for another reason, and were like this right before.
  package mutating func loading(_ found: [FileStamp?]) {
    loaded = found
    seen = found
  }
}
