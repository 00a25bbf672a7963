import Logging

/// Renders each event as one line, with its line break.
struct ServiceLogHandler: LogHandler {
  let label: String
  let style: LogStyle
  let write: @Sendable (String) -> Void
  /// Shared by all handlers: setting the level of one logger sets that of all.
  let threshold: LogThreshold
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  init(
    label: String, threshold: LogThreshold, style: LogStyle,
    write: @escaping @Sendable (String) -> Void
  ) {
    self.label = label
    self.style = style
    self.write = write
    self.threshold = threshold
  }

  var logLevel: Logger.Level {
    get { threshold.level }
    set { threshold.level = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var fields = metadata
    fields.merge(metadataProvider?.get() ?? [:]) { $1 }
    fields.merge(event.metadata ?? [:]) { $1 }
    if let error = event.error { fields["error"] = "\(error)" }
    let line = LogLine(
      time: .now, level: event.level, label: label, message: event.message.description,
      fields: fields.sorted { $0.key < $1.key }.map { LogLine.Field(name: $0.key, value: $0.value) })
    write(line.rendered(style) + "\n")
  }
}
