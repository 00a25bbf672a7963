/// Whose metrics they are.
public struct MetricsOrigin: Sendable {
  /// What the process is: `emojitrack-edge`, `emojitrack-hub`.
  public let service: String
  /// Its node's name.
  public let node: String
  /// Its software's version.
  public let version: String
  /// When it started, in microseconds since 1970.
  public let startedAtMicroseconds: UInt64

  /// - Parameters:
  ///   - service: what the process is.
  ///   - node: its node's name.
  ///   - version: its software's version.
  ///   - startedAtMicroseconds: since 1970.
  public init(service: String, node: String, version: String, startedAtMicroseconds: UInt64) {
    self.service = service
    self.node = node
    self.version = version
    self.startedAtMicroseconds = startedAtMicroseconds
  }
}
