/// The version of this software.
public enum ServiceVersion {
  /// In the sense of semver.org; the version of the wire protocol is another one.
  public static let current = "0.1.0"
}
