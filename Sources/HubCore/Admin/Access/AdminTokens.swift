import PlantedFaults
import Primitives

/// The bearer tokens (RFC 6750) that the admin API accepts. A file has one line `role name token` for each, and may
/// have empty lines and lines that begin with `#`.
///
/// Nothing shows a token: neither errors nor descriptions.
package struct AdminTokens: Equatable, Sendable {
  /// The least length of a token in bytes: 32 random letters and digits have 190 bits.
  package static let tokenMinimum = 32
  /// The greatest length of a token in bytes.
  package static let tokenMaximum = 256
  /// The most tokens in a file.
  package static let maximumCount = 256

  /// A fault in a file of tokens, as the end of a sentence that begins with the file's name.
  package struct Malformed: Error, Equatable, CustomStringConvertible {
    /// The number of the line, from 1.
    package let line: Int
    /// The fault. It quotes no part of the line.
    package let problem: String
    /// The line and the problem.
    package var description: String { "line \(line): \(problem)" }
  }

  private struct Entry: Equatable {
    let role: AdminRole
    let name: String
    let token: [UInt8]
  }

  private var entries: [Entry] = []

  /// No tokens.
  package init() {}

  /// Parses the contents of a file.
  package init(parsing bytes: [UInt8]) throws(Malformed) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let words = line.split {
        $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r")
      }
      guard let first = words.first, first.first != UInt8(ascii: "#") else { continue }
      if let problem = add(words) { throw Malformed(line: index + 1, problem: problem) }
    }
  }

  /// The number of tokens.
  package var count: Int { entries.count }

  private mutating func add(_ words: [ArraySlice<UInt8>]) -> String? {
    guard words.count == 3 else { return "is not 'role name token'" }
    guard let role = AdminRole(rawValue: String(decoding: words[0], as: UTF8.self)) else {
      return "has a role that is neither reader nor operator"
    }
    let name = String(decoding: words[1], as: UTF8.self)
    guard words[1].count <= 64, words[1].allSatisfy({ $0.isASCIIAlphanumeric || "._-".utf8.contains($0) })
    else {
      return "has a name that is not 1 to 64 letters, digits, dots, hyphens and underscores"
    }
    let token = Array(words[2])
    guard (Self.tokenMinimum...Self.tokenMaximum).contains(token.count), token.allSatisfy(Self.isTokenByte)
    else {
      return
        "has a token that is not \(Self.tokenMinimum) to \(Self.tokenMaximum) letters, digits and any of -._~+/="
    }
    guard !entries.contains(where: { $0.name == name || $0.token == token }) else {
      return "repeats a name or a token"
    }
    guard entries.count < Self.maximumCount else {
      return "is one token too many: \(Self.maximumCount) are allowed"
    }
    entries.append(Entry(role: role, name: name, token: token))
    return nil
  }

  /// Whether `b64token` of RFC 6750 §2.1 allows this byte.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    byte.isASCIIAlphanumeric || "-._~+/=".utf8.contains(byte)
  }

  /// The owner of a token. The time that this takes shows neither how much of the token was right nor which one it
  /// was.
  func holder(of candidate: [UInt8]) -> (role: AdminRole, name: String)? {
    var found: Int?
    for index in entries.indices where Self.areEqual(candidate, entries[index].token) { found = index }
    return found.map { (entries[$0].role, entries[$0].name) }
  }

  /// Compares in constant time: always all of the candidate.
  static func areEqual(_ candidate: [UInt8], _ secret: [UInt8]) -> Bool {
    var difference = planted(.tokenPrefixAccepted) ? 0 : candidate.count ^ secret.count
    for index in candidate.indices { difference |= Int(candidate[index] ^ secret[index % secret.count]) }
    return difference == 0
  }
}

extension AdminTokens: CustomStringConvertible, CustomReflectable {
  /// Only the number of tokens.
  package var description: String { "\(count) tokens" }
  /// Empty, because `dump` must not show a token either.
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
