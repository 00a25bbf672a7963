/// An error of Redis, and its consequence.
///
/// The feeder's script begins with a command that writes, and Redis judges that command as it would outside of a
/// script. So after a temporary refusal nothing of the batch was executed, and the same batch can be sent again. A
/// permanent refusal, such as a missing right, may come in the middle of a batch.
struct RedisRefusal: Equatable, Sendable, CustomStringConvertible {
  /// The consequence of a refusal.
  enum Kind: Equatable, Sendable {
    /// The script is not known: send its source.
    case unknownScript
    /// Redis accepts nothing now, but will: try again later.
    case passing
    /// This server is no longer a master: it may become one again, or the address may lead to another server.
    case demoted
    /// It would be refused again.
    case lasting
  }

  /// The text of the error.
  let message: String

  /// Parses the text of an error.
  init(_ message: String) {
    self.message = message
  }

  /// The code of the refusal, such as `OOM`.
  ///
  /// Redis before 7.0 embeds it in its text about the script: `ERR Error running script (…): @user_script:3: -OOM …`.
  var code: Substring {
    var text = message[...]
    if text.hasPrefix("ERR Error running script"), let range = text.ranges(of: ": -").last {
      text = text[range.upperBound...]
    }
    return text.prefix { $0 != " " }
  }

  /// The consequence of the code.
  var kind: Kind {
    switch code {
    case "NOSCRIPT": .unknownScript
    case "LOADING", "BUSY", "OOM", "MISCONF", "NOREPLICAS", "CLUSTERDOWN", "TRYAGAIN": .passing
    case "READONLY", "MASTERDOWN": .demoted
    case "ERR" where message.hasPrefix("ERR max number of clients reached"): .passing
    default: .lasting
    }
  }

  /// True if the user lacks a right. In a script Redis says so in different words, which changed again in 7.2.
  private var isMissingRight: Bool {
    code == "NOPERM" || message.contains("The user executing the script can't")
      || message.contains("ACL failure in script")
  }

  /// The remedy for a permanent refusal.
  private var remedy: String {
    switch code {
    case _ where isMissingRight:
      "grant the user EVAL, EVALSHA, ZINCRBY, LPUSH, LTRIM and PUBLISH on the keys and channels in Redis's ACL"
    case "WRONGPASS", "NOAUTH": "correct user and password in redis.url"
    case "WRONGTYPE": "something else is stored under that key: name another database, or remove it"
    case "DENIED": "give Redis a password, or connect from its own machine"
    case "MOVED", "ASK", "CROSSSLOT": "a cluster cannot be fed: name a single server"
    default: "see Redis's message"
    }
  }

  /// The refusal and, if it is permanent, its remedy.
  var description: String { kind == .lasting ? "\(message) (\(remedy))" : message }
}
