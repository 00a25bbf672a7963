import PlantedFaults
import Primitives

/// Hides the secrets of a URL before it is shown.
package enum SecretMask {
  /// The URL with its password, and everything after a query item `password`, replaced by `***`.
  ///
  /// Errors also show texts that are not URLs, so secrets must be hidden there too: everything between the first colon
  /// after the scheme and the last `@` counts as a password; without a scheme, everything before the `@`; and without
  /// an `@`, text in the place of the port that is not a port.
  package static func url(_ text: String) -> String {
    planted(.secretShown) ? text : hidingQuery(hidingUser(text))
  }

  private static func hidingUser(_ text: String) -> String {
    guard let at = text.lastIndex(of: "@") else { return hidingPort(text) }
    guard let scheme = text.firstRange(of: "://"), scheme.upperBound <= at else { return "***" + text[at...] }
    guard let colon = text[scheme.upperBound..<at].firstIndex(of: ":") else { return text }
    return text[...colon] + "***" + text[at...]
  }

  private static func hidingPort(_ text: String) -> String {
    let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
    let place = text[start...].prefix { $0 != "/" && $0 != "?" }
    guard let colon = place.lastIndex(of: ":"), !place.hasSuffix("]") else { return text }
    let port = place[colon...].dropFirst()
    return port.utf8.allSatisfy(\.isASCIIDigit) ? text : text[...colon] + "***" + text[port.endIndex...]
  }

  private static func hidingQuery(_ text: String) -> String {
    guard let item = text.firstRange(of: "password=") else { return text }
    return text[..<item.upperBound] + "***"
  }
}
