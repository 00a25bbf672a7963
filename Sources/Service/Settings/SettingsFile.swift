#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

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
    let attributes: [FileAttributeKey: Any]
    let data: Data
    do {
      attributes = try FileManager.default.attributesOfItem(atPath: path)
      guard (attributes[.size] as? UInt64 ?? 0) <= Self.maximumCount else {
        throw Failure(description: "is larger than \(Self.maximumCount) bytes")
      }
      data = try Data(contentsOf: URL(filePath: path))
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(description: "cannot be read: \(Self.reason(error))")
    }
    let mode = attributes[.posixPermissions] as? UInt16 ?? 0
    isReadableByEverybody = mode & 0o004 != 0
    do {
      texts = try SettingsJSON.texts(of: Array(data))
    } catch {
      throw Failure(description: "cannot be used: \(error)")
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch (error as? CocoaError)?.code {
    case .fileReadNoSuchFile, .fileNoSuchFile: "there is no such file"
    case .fileReadNoPermission: "permission denied"
    default: "\(error)"
    }
  }
}
