import Primitives

/// The settings for pushing metrics, common to hub and edge.
package enum PushSettings {
  /// `push.interval`: the time between two pushes.
  package static let interval = Setting(
    "push.interval", "How often metrics are pushed to the receivers named below.",
    .duration(.seconds(1) ... .seconds(3_600), unit: .seconds), default: "10s")

  /// `push.prefix`: the beginning of paths in Graphite and StatsD.
  package static let prefix = Setting(
    "push.prefix", "The prefix of the names of metrics in Graphite and StatsD.", .metricPath,
    default: "emojitrack")

  /// `push.graphite`: the Graphite server.
  package static let graphite = Setting(
    "push.graphite", "The Graphite server that metrics are pushed to, over TCP in its plaintext format.",
    SettingFormat<HostPort>.hostPort.optional, default: nil, meaning: "none")

  /// `push.statsd`: the StatsD server.
  package static let statsD = Setting(
    "push.statsd", "The StatsD server that metrics are pushed to, over UDP.",
    SettingFormat<HostPort>.hostPort.optional, default: nil, meaning: "none")

  /// `push.otlp`: the receiver of OTLP.
  package static let openTelemetry = Setting(
    "push.otlp",
    "The URL that metrics are posted to, in OpenTelemetry's format (OTLP) as JSON; without a path, /v1/metrics is added.",
    SettingFormat<HTTPURL>.httpURL.optional, default: nil, meaning: "none")

  /// `push.otlp.headers`: further header fields of the requests to it.
  package static let openTelemetryFields = Setting(
    "push.otlp.headers", "Further header fields of these requests, such as a key.",
    .httpFields, default: [], meaning: "none")
}

extension SettingFormat<String> {
  /// One or more words with dots between them.
  static let metricPath = SettingFormat(
    "path", allowed: "words of letters, digits, _ and -, with dots between them"
  ) {
    text in
    let words = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...200).contains(text.utf8.count),
      words.allSatisfy({ word in
        !word.isEmpty && word.utf8.allSatisfy { $0.isASCIIAlphanumeric || "_-".utf8.contains($0) }
      })
    else { throw MalformedText("is not a path") }
    return text
  }
}

extension SettingFormat<HTTPURL> {
  /// The URL of a resource.
  static let httpURL = SettingFormat("url", allowed: "http://host[:port]/path or https://host[:port]/path") {
    try HTTPURL(parsing: $0)
  }
}

extension SettingFormat<[HTTPField]> {
  /// Header fields of a request. Every value counts as secret.
  static let httpFields = SettingFormat(
    "name=value", allowed: "name=value; several are separated by commas", isList: true,
    mask: { text in text.split(separator: ",").map(masked).joined(separator: ",") }
  ) { text in
    try text.split(separator: ",").map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, isName(parts[0]),
        parts[1].utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f })
      else { throw MalformedText("contains something that is not a header field") }
      return HTTPField(name: String(parts[0]), value: String(parts[1]))
    }
  }

  /// Shows only a certain name: without the `=`, the text may be a key, which must not appear in a log.
  private static func masked(_ pair: Substring) -> String {
    let name = pair.prefix { $0 != "=" }
    return name.count < pair.count && isName(name) ? "\(name)=***" : "***"
  }

  private static func isName(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0.isASCIIAlphanumeric || "-_".utf8.contains($0) }
  }
}
