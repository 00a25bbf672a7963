import Foundation
import Testing
import Wire

/// `PROTOCOL.md` beside the sources is the specification: its examples and limits must be those of the code.
@Suite struct ProtocolDocumentTests {
  private let lines: [Substring]

  init() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let document = folder.appending(path: "../../Sources/Wire/PROTOCOL.md").standardizedFileURL
    lines = try String(contentsOf: document, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
  }

  @Test("Its examples are the golden vectors, byte for byte, and no others") func examples() throws {
    var shown: [String: String] = [:]
    var name: String?
    for line in lines {
      if line.hasPrefix("```hex ") {
        name = String(line.dropFirst(7))
      } else if line == "```" {
        name = nil
      } else if let name {
        // The bytes of a line end at its explanation, after two spaces.
        let bytes = line.firstRange(of: "  ").map { line[..<$0.lowerBound] } ?? line
        shown[name, default: ""] += bytes.filter { $0 != " " }
      }
    }
    let vectors = try GoldenVector.all().map { ($0.name, $0.hexadecimal) }
    #expect(shown == Dictionary(uniqueKeysWithValues: vectors))
  }

  @Test(
    "Its table has the number, sender and greatest length of every message", arguments: MessageType.allCases)
  func table(_ type: MessageType) {
    let number = (type.rawValue < 16 ? "0" : "") + String(type.rawValue, radix: 16)
    let senders = Peer.allCases.filter(type.isSent(by:)).map(\.rawValue)
    let sender = senders.count == 2 ? "both" : senders.joined()
    let length = Self.grouped(type.maximumLength)
    #expect(lines.contains("| \(type) | `\(number)` | \(sender) | \(length) |"))
  }

  @Test("Its table of a report has every field", arguments: ReportField.allCases)
  func reportField(_ field: ReportField) {
    #expect(lines.contains { $0.contains("| \(field.rawValue) | \(field) | ") })
  }

  @Test("It names every field that an error can name", arguments: MessageField.allCases)
  func field(_ field: MessageField) {
    let isShown = lines.contains { line in
      line.contains("\(field.rawValue) ") || line.contains("\(field.rawValue):")
    }
    #expect(isShown)
  }

  private static func grouped(_ number: Int) -> String {
    number < 1_000 ? "\(number)" : "\(number / 1_000)," + String("\(1_000 + number % 1_000)".dropFirst())
  }
}
