import Reactor

/// A configuration file: a JSON object of settings by key, as `{"link.listen": "…"}` or as `{"link": {"listen":
/// "…"}}`.
///
/// Numbers and booleans count as the text in the file, a list as its elements separated by commas, null as absent.
struct SettingsFile {
  let path: String
  /// The texts, by key.
  let texts: [String: String]
  /// True if every user of the machine can read it: then it must not contain secrets.
  let isReadableByEverybody: Bool

  /// The greatest size, in bytes: far more than any configuration needs.
  static let maximumCount = 1 << 20

  /// The problem with a file, to continue a sentence that begins with its path.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  init(path: String) throws(Failure) {
    self.path = path
    let file: PlainFile
    do throws(PlainFile.Failure) {
      file = try PlainFile(path: path, maximumCount: Self.maximumCount)
    } catch {
      throw Failure(description: Self.text(of: error))
    }
    isReadableByEverybody = file.mode & 0o004 != 0
    do {
      texts = try SettingsJSON.texts(of: file.bytes)
    } catch {
      throw Failure(description: "cannot be used: \(error)")
    }
  }

  private static func text(of failure: PlainFile.Failure) -> String {
    switch failure {
    case .missing: "cannot be read: there is no such file"
    case .notPlain: "cannot be read: it is not a plain file"
    case .tooLarge(let limit): "is larger than \(limit) bytes"
    case .unreadable(let error): "cannot be read: \(error)"
    }
  }
}
