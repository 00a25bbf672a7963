import Primitives

/// An environment variable of the predecessors that sets one of this project's settings.
package struct EnvironmentAlias: Sendable {
  /// The variable, such as `PORT`.
  package let name: String
  /// The allowed values, as a noun phrase.
  package let allowed: String
  /// The setting's text for a text of the variable; nil if that is not allowed.
  let rewrite: @Sendable (String) -> String?

  /// - Parameters:
  ///   - name: the variable.
  ///   - allowed: the allowed values, as a noun phrase.
  ///   - rewrite: the setting's text for a text of the variable; nil if that is not allowed.
  package init(_ name: String, allowed: String, rewrite: @escaping @Sendable (String) -> String?) {
    self.name = name
    self.allowed = allowed
    self.rewrite = rewrite
  }

  /// `PORT`: a port number, on the given host, or on all addresses without one.
  package static func port(host: String = "") -> EnvironmentAlias {
    EnvironmentAlias("PORT", allowed: "a port from 0 to 65535") { text in
      text.utf8.allSatisfy(\.isASCIIDigit) ? UInt16(text).map { "\(host):\($0)" } : nil
    }
  }

  /// `VERBOSE`: `true` sets the level `debug`, `false` sets `info`.
  package static let verbose = EnvironmentAlias("VERBOSE", allowed: SettingFormat<Bool>.boolean.allowed) {
    text in
    guard let verbose = try? SettingFormat<Bool>.boolean.parse(text) else { return nil }
    return verbose ? "debug" : "info"
  }
}
