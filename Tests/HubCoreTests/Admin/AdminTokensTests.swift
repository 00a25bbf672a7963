import Testing

@testable import HubCore

@Suite struct AdminTokensTests {
  private static let token = "0123456789abcdefghijklmnopqrstuv"

  private func tokens(_ text: String) throws(AdminTokens.Malformed) -> AdminTokens {
    try AdminTokens(parsing: Array(text.utf8))
  }

  @Test("A line has role, name and token; empty lines and comments are ignored")
  func parsing() throws {
    let tokens = try tokens("# who\r\n\n  reader\ta \(Self.token)\r\noperator b-1 \(Self.token)~+/=\n")
    #expect(tokens.count == 2)
    #expect(tokens.holder(of: Array(Self.token.utf8))?.name == "a")
    #expect(tokens.holder(of: Array(Self.token.utf8))?.role == .reader)
    #expect(tokens.holder(of: Array("\(Self.token)~+/=".utf8))?.role == .operator)
    #expect(tokens.holder(of: []) == nil)
    #expect(try self.tokens("").count == 0)
  }

  @Test(
    "Any other line is refused by its number, and not quoted",
    arguments: [
      "reader a", "reader a \(token) x", "root a \(token)", "Reader a \(token)", "reader a/b \(token)",
      "reader a \(token.dropLast())", "reader a \(token)\u{e9}", "reader a \(token)\"",
      "reader a \(String(repeating: "x", count: 257))",
      "reader \(String(repeating: "n", count: 65)) \(token)",
    ])
  func refused(line: String) throws {
    let error = try #require(throws: AdminTokens.Malformed.self) { try tokens("\n\(line)") }
    #expect(error.line == 2)
    #expect(!"\(error)".contains(Self.token.prefix(8)))
  }

  @Test("Names and tokens must be unique, and their number is limited")
  func limits() throws {
    #expect(throws: AdminTokens.Malformed.self) {
      try tokens("reader a \(Self.token)\nreader b \(Self.token)")
    }
    #expect(throws: AdminTokens.Malformed.self) {
      try tokens("reader a \(Self.token)\nreader a \(Self.token)x")
    }
    let many = (0..<257).map { "reader n\($0) \(Self.token)\($0)" }
    #expect(try tokens(many.dropLast().joined(separator: "\n")).count == 256)
    #expect(throws: AdminTokens.Malformed.self) { try tokens(many.joined(separator: "\n")) }
  }

  @Test("A comparison always covers both texts completely")
  func equality() {
    #expect(AdminTokens.areEqual([1, 2, 3], [1, 2, 3]))
    for other: [UInt8] in [[], [1], [1, 2], [1, 2, 4], [1, 2, 3, 1], [1, 2, 3, 1, 2, 3], [0, 2, 3]] {
      #expect(!AdminTokens.areEqual(other, [1, 2, 3]), "\(other)")
    }
  }

  @Test("No description shows a token")
  func secrecy() throws {
    let tokens = try tokens("reader a \(Self.token)")
    var text = "\(tokens)"
    dump(tokens, to: &text)
    #expect(!text.contains(Self.token))
  }
}
