/// Tables in plain text.
package enum TextTable {
  /// Rows with their columns aligned by spaces, without a line break at the end.
  package static func aligned(_ rows: [[String]]) -> String {
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.count)
      }
    }
    return rows.map { row in
      row.enumerated().map { column, cell in
        column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  /// The settings of an executable as a table in Markdown, for `Docs/configuration.md`.
  package static func markdown(_ settings: [any AnySetting]) -> String {
    var lines = ["| setting | environment | default | meaning |", "|---|---|---|---|"]
    for setting in settings {
      let names = ([setting.environment] + setting.aliases.map(\.name)).map { "`\($0)`" }
      let cells = [
        "`\(setting.key)`",
        names.joined(separator: ", "),
        setting.defaultText.map { "`\($0)`" } ?? "must be set",
        "\(setting.purpose) Allowed: \(setting.allowed)."
          + (setting.isReloadable ? " A reload applies it." : ""),
      ]
      lines.append("| \(cells.map(escaped).joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n")
  }

  private static func escaped(_ cell: String) -> String {
    cell.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }
}
