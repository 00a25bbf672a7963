/// How log lines look.
public enum LogFormat: String, CaseIterable, Sendable {
  /// Text if the standard error is a terminal, JSON otherwise.
  case auto
  /// One line for a person to read.
  case text
  /// One JSON object a line.
  case json
}
