/// The limits of a delivery.
package struct DeliveryLimits: Sendable {
  /// How long a client may take no byte, and how far behind a client of `eps` may be.
  package let lagMaximum: Duration
  /// How long a stream may be silent before its clients get a comment.
  package let keepAlive: Duration
  /// Up to this many bytes of an opening are copied for each client, and sent in the same write as the head; the rest
  /// of a longer one is shared.
  package let copiedMaximum: Int
  /// The most bytes of a stream's entries that are kept for clients that lag, beside ``StreamKind/bufferMaximum``.
  package let bufferMaximum: Int

  /// See the properties.
  package init(
    lagMaximum: Duration, keepAlive: Duration, copiedMaximum: Int = SharedBytesBudget.copiedMaximum,
    bufferMaximum: Int = .max
  ) {
    self.lagMaximum = lagMaximum
    self.keepAlive = keepAlive
    self.copiedMaximum = copiedMaximum
    self.bufferMaximum = bufferMaximum
  }

  func bufferMaximum(of kind: StreamKind) -> Int { min(kind.bufferMaximum, bufferMaximum) }
}
