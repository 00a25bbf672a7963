import PlantedFaults

/// Distinguishes one content of a file from another without reading it.
package struct FileStamp: Hashable, Sendable {
  /// The device and inode of the file: they differ when another file has replaced it.
  package var device: UInt64
  /// See `device`.
  package var inode: UInt64
  /// The length in bytes.
  package var size: Int64
  /// When the content was last written, in nanoseconds since 1970.
  package var modified: Int64
  /// When the owner, mode or links last changed, in nanoseconds since 1970: a key that was refused because others
  /// could read it must be checked again after `chmod`.
  package var changed: Int64

  /// A stamp from the fields of `stat`.
  package init(device: UInt64, inode: UInt64, size: Int64, modified: Int64, changed: Int64) {
    self.device = device
    self.inode = inode
    self.size = size
    self.modified = modified
    self.changed = changed
  }
}

/// Decides when related files are to be loaded again: once for each change, and only after two equal looks in a row,
/// because a certificate and its key are never replaced in the same instant.
package struct FileWatch: Sendable {
  /// The consequence of a look.
  package enum Action: Equatable, Sendable {
    /// Keep the loaded content.
    case keep
    /// Load all files. Whether that fails or not, do not try again before they change.
    case load
  }

  /// The stamps at the last loading; nil for a missing file.
  private var loaded: [FileStamp?]

  /// The stamps at the last look.
  private var seen: [FileStamp?]

  /// Starts with the stamps from just before the files were loaded.
  package init(loaded: [FileStamp?]) {
    self.loaded = loaded
    seen = loaded
  }

  /// The files were examined.
  package mutating func looked(_ found: [FileStamp?]) -> Action {
    let isSettled = found == seen
    seen = found
    guard isSettled, found != loaded, !planted(.filesUnwatched) else { return .keep }
    loaded = found
    return .load
  }

  /// The files are loaded for another reason; `found` are their stamps from just before.
  package mutating func loading(_ found: [FileStamp?]) {
    loaded = found
    seen = found
  }
}
