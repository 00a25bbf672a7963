/// A refusal in Redis's words, and what follows from it.
///
/// A script of ours begins with a command that writes, and Redis judges that one as it would outside of a script. So after a
/// refusal that passes nothing of the batch was executed, and the same batch can be sent again. One that lasts, such as a missing
/// right, may come in the middle of a batch.
struct RedisRefusal: Equatable, Sendable, CustomStringConvertible {
  /// What is to be done about it.
  enum Kind: Equatable, Sendable {
    /// The script is not known: send its source.
    case unknownScript
    /// Redis cannot take anything now, but will: try again later.
    case passing
    /// This server is no master now: it may be again, or the address leads to another one.
    case demoted
    /// It would be refused again.
    case lasting
  }

  /// What Redis said.
  let message: String

  /// Reads the text of an error.
  init(_ message: String) {
    self.message = message
  }

  /// The word that says what kind of refusal it is, such as `OOM`.
  ///
  /// Redis before 7.0 hides it within what it says of the script: `ERR Error running script (…): @user_script:3: -OOM …`.
  var code: Substring {
    var text = message[...]
    if text.hasPrefix("ERR Error running script"), let range = text.ranges(of: ": -").last {
      text = text[range.upperBound...]
    }
    return text.prefix { $0 != " " }
  }

  /// What kind it is.
  var kind: Kind {
    switch code {
    case "NOSCRIPT": .unknownScript
    case "LOADING", "BUSY", "OOM", "MISCONF", "NOREPLICAS", "CLUSTERDOWN", "TRYAGAIN": .passing
    case "READONLY", "MASTERDOWN": .demoted
    case "ERR" where message.hasPrefix("ERR max number of clients reached"): .passing
    default: .lasting
    }
  }

  /// True if the user lacks a right. Within a script Redis says so in other words, and in others again from 7.2 on.
  private var isMissingRight: Bool {
    code == "NOPERM" || message.contains("The user executing the script can't")
      || message.contains("ACL failure in script")
  }

  /// What to do about one that lasts.
  private var remedy: String {
    switch code {
    case _ where isMissingRight:
      "grant the user EVAL, EVALSHA, ZINCRBY, LPUSH, LTRIM and PUBLISH on the keys and channels in Redis's ACL"
    case "WRONGPASS", "NOAUTH": "correct user and password in redis.url"
    case "WRONGTYPE": "something else is stored under that key: name another database, or remove it"
    case "DENIED": "give Redis a password, or connect from its own machine"
    case "MOVED", "ASK", "CROSSSLOT": "a cluster cannot be fed: name a single server"
    default: "see Redis's own words"
    }
  }

  /// The refusal and, if it lasts, its remedy.
  var description: String { kind == .lasting ? "\(message) (\(remedy))" : message }
}
