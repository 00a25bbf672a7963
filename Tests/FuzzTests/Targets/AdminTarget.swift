import HTTP
import Primitives
import TestSupport

@testable import HubCore

/// A line of a file of tokens, in its plain form.
private struct Line: Equatable {
  let words: [[UInt8]]

  /// The lines with words; one with a comment has none.
  static func all(in bytes: [UInt8]) -> [Line] {
    bytes.split(separator: 10).map { line in
      Line(words: line.split { [9, 13, 32].contains($0) }.map { Array($0) })
    }.filter { !$0.words.isEmpty && $0.words[0].first != UInt8(ascii: "#") }
  }
}

/// Whether a request with this field is let in over TLS without a certificate, and the role.
private func role(of authorization: [UInt8], _ tokens: AdminTokens) -> (role: AdminRole, name: String)? {
  let bytes =
    Array("GET /api/v1/edges HTTP/1.1\r\nHost: hub\r\nAuthorization: ".utf8) + authorization
    + Array("\r\n\r\n".utf8)
  var parser = RequestHeadParser()
  var index = 0
  guard let head = try? parser.parse(bytes.span, from: &index), index == bytes.count else { return nil }
  var gate = AdminGate(tokens: tokens, readers: [], hostNames: [])
  let peer = AdminPeer(door: .secure(nil), address: "192.0.2.1:1", network: [192, 0, 2, 1])
  guard case .granted(let caller) = gate.judge(head, isOpen: false, from: peer, now: .origin) else {
    return nil
  }
  return (caller.role, caller.name)
}

extension FuzzTarget {
  /// A file of tokens, whose last line is also what a caller sends. Each token of an accepted file lets its owner in, with the
  /// role of its line, and nothing else does. Nothing that is shown has a token in it.
  static let admin = FuzzTarget(
    name: "admin", subject: "files of admin tokens, and what callers send", sizeMaximum: 4_000,
    seeds: adminSeeds
  ) { bytes in
    let lines = Line.all(in: bytes)
    let sent = Array(bytes.split(separator: 10, omittingEmptySubsequences: false).last ?? [])
    let tokens: AdminTokens
    do throws(AdminTokens.Malformed) { tokens = try AdminTokens(parsing: bytes) } catch {
      let secrets = lines.flatMap(\.words).filter { $0.count >= AdminTokens.tokenMinimum }
      try demand(
        !secrets.contains {
          "\(error)".utf8.elementsEqual($0) || "\(error)".contains(String(decoding: $0, as: UTF8.self))
        },
        "an error shows a token: \(error)")
      let last = bytes.count { $0 == 10 } + 1
      return try demand((1...last).contains(error.line), "line \(error.line) of \(last)")
    }
    try demand(tokens.count == lines.count, "\(tokens.count) tokens in \(lines.count) lines")
    for line in lines {
      try demand(line.words.count == 3, "a line of \(line.words.count) words was accepted")
      let owner = role(of: Array("Bearer ".utf8) + line.words[2], tokens)
      try demand(
        owner?.role.rawValue.utf8.elementsEqual(line.words[0]) == true
          && owner?.name.utf8.elementsEqual(Array("token ".utf8) + line.words[1]) == true,
        "a token is that of \(String(describing: owner))")
      for wrong in [Array(line.words[2].dropLast()), line.words[2] + line.words[2], line.words[2] + [65]]
      where !lines.contains(where: { $0.words[2] == wrong }) {
        try demand(role(of: Array("Bearer ".utf8) + wrong, tokens) == nil, "a wrong token was accepted")
      }
      try demand(!"\(tokens)".contains(String(decoding: line.words[2], as: UTF8.self)), "a token is shown")
    }
    guard role(of: sent, tokens) != nil else { return }
    let words = sent.split { $0 == 32 || $0 == 9 }
    try demand(
      words.count == 2 && String(decoding: words[0], as: UTF8.self).lowercased() == "bearer"
        && lines.contains { $0.words[2].elementsEqual(words[1]) }, "let in for \(sent)")
  }

  @Sendable private static func adminSeeds() -> [[UInt8]] {
    let token = "0123456789abcdefghijklmnopqrstuv"
    return [
      "# who\r\n\n  reader\ta \(token)\r\noperator b-1 \(token)~+/=\n",
      "reader a \(token)\n#\nbearer \(token)",
      "operator anna \(token)\noperator anna \(token)x\n", "reader a \(token) x", "root a \(token)\n",
      "reader a \(token.dropLast())", "reader a/b \(token)\n", "reader a \(token)\u{e9}\n",
      (0..<40).map { "reader n\($0) \(token)\($0)\n" }.joined(), "\n\nreader a \(token)\n#Bearer  \(token)",
    ].map { Array($0.utf8) }
  }
}
