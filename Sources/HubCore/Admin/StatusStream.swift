import HTTP

/// The status as a stream of events: the content of `/admin/status.json`, each second, as an `event:status`.
///
/// Only pages of the hub read it, so other origins may not.
package enum StatusStream {
  /// The most watchers at once. All of them get the same bytes.
  package static let watchersMaximum = 8
  /// How many successive events a watcher may miss, because it does not read, before it is disconnected.
  package static let missesMaximum = 10

  /// How long a watcher waits before it reconnects, in milliseconds.
  private static let retryMilliseconds: UInt64 = 2_000
  private static let name = try? EventName("status".utf8)
  private static let fields = [
    ResponseField("Cache-Control", "no-store"), ResponseField("X-Content-Type-Options", "nosniff"),
    ResponseField("X-Accel-Buffering", "no"),
  ]

  /// The beginning of a stream, which ends with its connection.
  static var beginning: [UInt8] {
    let framing = [
      ResponseField("Content-Type", EventStream.mediaType), ResponseField("Connection", "close"),
    ]
    var bytes: [UInt8] = []
    ResponseHead(.ok, fields: fields + framing).append(to: &bytes)
    EventStream.append(retryMilliseconds: retryMilliseconds, to: &bytes)
    return bytes
  }

  /// An event with one status.
  package static func event(_ status: HubStatus) -> [UInt8] {
    var bytes: [UInt8] = []
    EventStream.append(name: name, data: status.json.span, to: &bytes)
    return bytes
  }
}
