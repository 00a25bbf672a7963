/// Something that the settings name cannot be used. The process does not start, and ends with `EX_CONFIG` (78).
public struct ConfigurationError: Error, CustomStringConvertible {
  /// The key, and what is wrong with what it names.
  public let description: String

  /// An error of a setting.
  ///
  /// - Parameter problem: continues a sentence that begins with the key.
  public init(_ key: String, _ problem: String) {
    description = "\(key) \(problem)"
  }

  /// Does something that a setting asks for, and names the setting if that fails.
  public static func naming<Result>(_ key: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      throw ConfigurationError(key, "cannot be used: \(error)")
    }
  }
}
