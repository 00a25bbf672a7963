import Primitives

/// The bytes that all clients in step of a stream are being sent.
struct StreamFlush {
  let payload: [UInt8]
  /// When the hub flushed its oldest entry, if that is known.
  let hubFlushedAt: Instant?
  /// How long its writes have taken so far.
  var duration = Duration.zero
}
