/// The version of this software.
public enum ServiceVersion {
  /// In the sense of semver.org; the wire protocol has a version of its own.
  public static let current = "0.1.0"
}
