/// A setting names something that cannot be used. The process does not start, and ends with `EX_CONFIG` (78).
package struct ConfigurationError: Error, CustomStringConvertible {
  /// The key, and the problem with its value.
  package let description: String

  /// An error of a setting.
  ///
  /// - Parameter problem: continues a sentence that begins with the key.
  package init(_ key: String, _ problem: String) {
    description = "\(key) \(problem)"
  }

  /// Performs a step that a setting requires; an error names the setting.
  package static func naming<Result>(_ key: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      throw ConfigurationError(key, "cannot be used: \(error)")
    }
  }
}
