import HTTP

/// The status as a stream of events: what `/admin/status.json` says, each second, as an `event:status`.
///
/// It is read by pages of the hub alone, so other origins get no leave to read it.
public enum StatusStream {
  /// How many may watch at once. All of them get the same bytes.
  public static let watchersMaximum = 8
  /// How many events in a row a watcher may miss, because it does not take what it was sent, before it is given up.
  public static let missesMaximum = 10

  /// How long a watcher waits before it comes back, in milliseconds.
  private static let retryMilliseconds: UInt64 = 2_000
  private static let name = try? EventName("status".utf8)
  private static let fields = [
    ResponseField("Cache-Control", "no-store"), ResponseField("X-Content-Type-Options", "nosniff"),
    ResponseField("X-Accel-Buffering", "no"),
  ]

  /// What a stream begins with. It ends with its connection.
  static var beginning: [UInt8] {
    let framing = [
      ResponseField("Content-Type", EventStream.mediaType), ResponseField("Connection", "close"),
    ]
    var bytes: [UInt8] = []
    ResponseHead(.ok, fields: fields + framing).append(to: &bytes)
    EventStream.append(retryMilliseconds: retryMilliseconds, to: &bytes)
    return bytes
  }

  /// One status.
  public static func event(_ status: HubStatus) -> [UInt8] {
    var bytes: [UInt8] = []
    EventStream.append(name: name, data: status.json.span, to: &bytes)
    return bytes
  }
}
