/// The version of this software.
package enum ServiceVersion {
  /// In the sense of semver.org; the wire protocol has a version of its own.
  package static let current = "0.1.0"
}
