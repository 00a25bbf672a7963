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
  /// What Redis said.
  public let message: String

  init(request: String, message: String) {
    self.request = request
    self.message = message
  }

  /// True if the user that we log in as may not do this.
  public var isMissingRight: Bool { message.hasPrefix("NOPERM") }

  /// True if Redis can not serve at present but will: it loads its data, runs a long script, or fails over.
  var isPassing: Bool {
    isPostponing || ["LOADING", "MASTERDOWN", "CLUSTERDOWN"].contains { message.hasPrefix($0) }
  }

  /// True if Redis can not serve this at present, while messages come and what it holds stays: it has no memory for commands in
  /// a transaction, can not write to its disk, or runs a long script.
  var isPostponing: Bool {
    ["OOM", "MISCONF", "NOREPLICAS", "BUSY", "TRYAGAIN"].contains { message.hasPrefix($0) }
  }

  /// A sentence for a log.
  public var description: String {
    isMissingRight
      ? "the Redis user lacks the right to \(request): \(message)" : "Redis refused \(request): \(message)"
  }
}
