import Logging

/// One line of the log, before it is formatted.
struct LogLine {
  /// A piece of metadata.
  struct Field {
    let name: String
    let value: Logger.MetadataValue
  }

  let time: WallTime
  let level: Logger.Level
  let label: String
  let message: String
  let fields: [Field]

  /// The text of the line, without a line break.
  func rendered(_ style: LogStyle) -> String {
    switch style {
    case .json: json
    case .text(let coloured): text(coloured: coloured)
    }
  }

  private var json: String {
    var line = "{\"time\":\"\(time)\",\"level\":\"\(level.rawValue)\",\"logger\":"
    LogEscape.appendJSON(label, to: &line)
    line += ",\"message\":"
    LogEscape.appendJSON(message, to: &line)
    for field in fields {
      line += ","
      let isTaken = ["time", "level", "logger", "message"].contains(field.name)
      LogEscape.appendJSON(isTaken ? "field_" + field.name : field.name, to: &line)
      line += ":"
      Self.appendJSON(field.value, to: &line)
    }
    return line + "}"
  }

  private static func appendJSON(_ value: Logger.MetadataValue, to line: inout String) {
    switch value {
    case .string(let text): LogEscape.appendJSON(text, to: &line)
    case .stringConvertible(let number as any BinaryInteger): line += "\(number)"
    case .stringConvertible(let number as Double) where number.isFinite: line += "\(number)"
    case .stringConvertible(let flag as Bool): line += "\(flag)"
    case .stringConvertible(let other): LogEscape.appendJSON(other.description, to: &line)
    case .array(let elements):
      line += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { line += "," }
        appendJSON(element, to: &line)
      }
      line += "]"
    case .dictionary(let members):
      line += "{"
      for (index, (name, member)) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { line += "," }
        LogEscape.appendJSON(name, to: &line)
        line += ":"
        appendJSON(member, to: &line)
      }
      line += "}"
    }
  }

  private func text(coloured: Bool) -> String {
    let reset = coloured ? "\u{1b}[0m" : ""
    let dim = coloured ? "\u{1b}[2m" : ""
    let name = level.rawValue
    var line = "\(dim)\(time)\(reset) "
    line += coloured ? Self.colour(of: level) : ""
    line += name + reset + String(repeating: " ", count: max(1, 8 - name.utf8.count))
    LogEscape.appendText(message, to: &line)
    for field in fields {
      line += " \(dim)"
      LogEscape.appendText(field.name, to: &line)
      line += "=\(reset)"
      LogEscape.appendWord("\(field.value)", to: &line)
    }
    return line
  }

  private static func colour(of level: Logger.Level) -> String {
    switch level {
    case .trace, .debug: "\u{1b}[2m"
    case .info, .notice: "\u{1b}[32m"
    case .warning: "\u{1b}[33m"
    case .error, .critical: "\u{1b}[31m"
    }
  }
}
