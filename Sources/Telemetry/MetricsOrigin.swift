/// The process that metrics come from.
package struct MetricsOrigin: Sendable {
  /// The name of the service: `emojitrack-edge`, `emojitrack-hub`.
  package let service: String
  /// Its node's name.
  package let node: String
  /// Its software's version.
  package let version: String
  /// When it started, in microseconds since 1970.
  package let startedAtMicroseconds: UInt64

  /// - Parameters:
  ///   - service: the name of the service.
  ///   - node: its node's name.
  ///   - version: its software's version.
  ///   - startedAtMicroseconds: since 1970.
  package init(service: String, node: String, version: String, startedAtMicroseconds: UInt64) {
    self.service = service
    self.node = node
    self.version = version
    self.startedAtMicroseconds = startedAtMicroseconds
  }
}
