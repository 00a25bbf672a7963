/// The format of log lines.
package enum LogFormat: String, CaseIterable, Sendable {
  /// Text if standard error is a terminal, JSON otherwise.
  case auto
  /// One line of readable text.
  case text
  /// One JSON object per line.
  case json
}
