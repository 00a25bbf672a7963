/// A command for Redis, not yet encoded.
package struct FeedCommand: Equatable, Sendable {
  /// The command's name and its arguments.
  package let arguments: [[UInt8]]

  init(_ arguments: [[UInt8]]) {
    self.arguments = arguments
  }

  init(_ arguments: String...) {
    self.arguments = arguments.map { Array($0.utf8) }
  }
}

extension FeedCommand: CustomStringConvertible {
  /// Only the command's name, because an argument may be a password.
  package var description: String { arguments.first.map { String(decoding: $0, as: UTF8.self) } ?? "" }
}

extension FeedCommand: CustomReflectable {
  /// Empty, because `dump` must not show a password either.
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Redis's reply to a command.
package enum FeedReply: Equatable, Sendable {
  /// A status such as `OK` or `QUEUED`.
  case status(String)
  /// A refusal; its first word is a code such as `NOPERM`.
  case failure(String)
  /// A number.
  case integer(Int64)
  /// A string; nil for a null reply.
  case text([UInt8]?)
  /// A list; nil for a null reply.
  case list([FeedReply]?)
}

extension FeedReply {
  /// The refusal's text; nil for other replies.
  var failure: String? {
    guard case .failure(let message) = self else { return nil }
    return message
  }
}

/// A refusal in Redis's words, with the refused request.
package struct FeedRefusal: Equatable, Sendable, CustomStringConvertible {
  /// The request: a command with its key or channel, such as `PUBLISH stream.relay_fence`.
  package let request: String
  /// Redis's message, without the arguments that it repeats, because one of them may be a password. If the message
  /// says why a transaction was discarded, only that reason.
  package let message: String

  /// A refusal of a request.
  package init(request: String, message: String) {
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

  /// Whether the hub's user lacks the right to do this.
  package var isMissingRight: Bool { message.hasPrefix("NOPERM") }

  /// Whether Redis cannot serve at present but will: it loads its data, runs a long script, or fails over.
  var isPassing: Bool {
    isPostponing || ["LOADING", "MASTERDOWN", "CLUSTERDOWN"].contains { message.hasPrefix($0) }
  }

  /// Whether Redis cannot serve this request at present, although messages still arrive and its data stays: it has no
  /// memory for the commands of a transaction, cannot write to its disk, or runs a long script.
  var isPostponing: Bool {
    ["OOM", "MISCONF", "NOREPLICAS", "BUSY", "TRYAGAIN"].contains { message.hasPrefix($0) }
  }

  /// What an operator can do about the refusal; nil if Redis's message is the best advice.
  package var remedy: String? {
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

  /// The refusal as a sentence for a log.
  package var description: String {
    if isMissingRight { return "the Redis user lacks the right to \(request): \(message)" }
    let sentence = "Redis refused \(request): \(message)"
    return remedy.map { "\(sentence); \($0)" } ?? sentence
  }
}
