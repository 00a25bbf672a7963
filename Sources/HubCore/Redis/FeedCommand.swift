/// A command for Redis, still to be encoded.
public struct FeedCommand: Equatable, Sendable {
  /// The name and what follows it.
  public let arguments: [[UInt8]]

  init(_ arguments: [[UInt8]]) {
    self.arguments = arguments
  }

  init(_ arguments: String...) {
    self.arguments = arguments.map { Array($0.utf8) }
  }
}

extension FeedCommand: CustomStringConvertible {
  /// The command's name alone: an argument may be a password.
  public var description: String { arguments.first.map { String(decoding: $0, as: UTF8.self) } ?? "" }
}

extension FeedCommand: CustomReflectable {
  /// No parts: `dump` must not show a password either.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What Redis answered to a command.
public enum FeedReply: Equatable, Sendable {
  /// A status such as `OK` or `QUEUED`.
  case status(String)
  /// A refusal; its first word is a code such as `NOPERM`.
  case failure(String)
  /// A number.
  case integer(Int64)
  /// A string, or nil where there is none.
  case text([UInt8]?)
  /// A list, or nil where there is none.
  case list([FeedReply]?)
}

extension FeedReply {
  /// The refusal's text, if this is one.
  var failure: String? {
    guard case .failure(let message) = self else { return nil }
    return message
  }
}

/// A refusal in Redis's words, and what was refused.
public struct FeedRefusal: Equatable, Sendable, CustomStringConvertible {
  /// What was asked for: a command with its key or channel, such as `PUBLISH stream.relay_fence`.
  public let request: String
  /// What Redis said, without the arguments that it repeats: one of them may be a password. Where it says why it discarded a
  /// transaction, the reason alone.
  public let message: String

  /// A refusal of a request.
  public init(request: String, message: String) {
    self.request = request
    var reason = message[...]
    let discarded = "EXECABORT Transaction discarded because of: "
    if reason.hasPrefix(discarded) { reason = reason.dropFirst(discarded.count) }
    if reason.hasPrefix(Self.unknownCommand), let arguments = reason.firstRange(of: ", with args") {
      reason = reason[..<arguments.lowerBound]
    }
    self.message = String(reason)
  }

  private static let unknownCommand = "ERR unknown command"

  /// True if the user that we log in as may not do this.
  public var isMissingRight: Bool { message.hasPrefix("NOPERM") }

  /// True if Redis cannot serve at present but will: it loads its data, runs a long script, or fails over.
  var isPassing: Bool {
    isPostponing || ["LOADING", "MASTERDOWN", "CLUSTERDOWN"].contains { message.hasPrefix($0) }
  }

  /// True if Redis cannot serve this at present, while messages come and what it holds stays: it has no memory for commands in
  /// a transaction, cannot write to its disk, or runs a long script.
  var isPostponing: Bool {
    ["OOM", "MISCONF", "NOREPLICAS", "BUSY", "TRYAGAIN"].contains { message.hasPrefix($0) }
  }

  /// What an operator can do about it; nil where Redis's own words must do.
  public var remedy: String? {
    let words = message.split(separator: " ")
    switch words.first {
    case "NOPERM": return "grant it: 'emojitrack-hub check' prints the ACL SETUSER line"
    case "CROSSSLOT":
      return "give all redis.key names one tag in braces, such as {emojitrack}, so that they share a slot"
    case "MOVED" where words.count == 3: return "name the server that owns the key, \(words[2]), in redis.url"
    case "ERR" where message.hasPrefix(Self.unknownCommand):
      return "give the command its name back (rename-command in Redis's configuration)"
    default: return isPassing ? "wait until Redis can serve" : nil
    }
  }

  /// A sentence for a log.
  public var description: String {
    if isMissingRight { return "the Redis user lacks the right to \(request): \(message)" }
    let sentence = "Redis refused \(request): \(message)"
    return remedy.map { "\(sentence); \($0)" } ?? sentence
  }
}
