/// Escapes foreign text, so that it cannot forge or hide log lines, or control the reader's terminal.
enum LogEscape {
  /// Appends a text with its control characters escaped.
  static func appendText(_ text: String, to line: inout String) {
    for scalar in text.unicodeScalars {
      if isControl(scalar) {
        appendEscaped(scalar, to: &line)
      } else {
        line.unicodeScalars.append(scalar)
      }
    }
  }

  /// Appends a value as one word, in quotes if it contains spaces or the like.
  static func appendWord(_ text: String, to line: inout String) {
    let isPlain =
      !text.isEmpty
      && text.unicodeScalars.allSatisfy { !isControl($0) && !" \"=\\".unicodeScalars.contains($0) }
    if isPlain {
      line += text
    } else {
      appendJSON(text, to: &line)
    }
  }

  /// Appends a JSON string in its quotes (RFC 8259 §7), with more characters escaped than JSON demands.
  static func appendJSON(_ text: String, to line: inout String) {
    line += "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" {
        line += "\\"
        line.unicodeScalars.append(scalar)
      } else if isControl(scalar) {
        appendEscaped(scalar, to: &line)
      } else {
        line.unicodeScalars.append(scalar)
      }
    }
    line += "\""
  }

  /// C0, DEL and C1 controls, line and paragraph separators, and characters that change the direction of writing.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case ..<0x20, 0x7f...0x9f, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069: true
    default: false
    }
  }

  private static func appendEscaped(_ scalar: Unicode.Scalar, to line: inout String) {
    switch scalar {
    case "\n": line += "\\n"
    case "\r": line += "\\r"
    case "\t": line += "\\t"
    default:
      let digits = String(scalar.value, radix: 16)
      line += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }
  }
}
