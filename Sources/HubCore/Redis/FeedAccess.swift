/// What the hub's user of Redis needs in an access control list, and nothing more.
///
/// Keys are given with `%R~` and `%W~`, which Redis knows since version 7. What a connection does to log in (`AUTH`, `HELLO`) is always
/// allowed.
public struct FeedAccess: Sendable {
  private let configuration: FeedConfiguration

  /// The rights that a feed of that configuration needs.
  public init(_ configuration: FeedConfiguration) {
    self.configuration = configuration
  }

  /// The user that the hub logs in as; a name for it where it logs in as Redis's default user.
  public var user: String { configuration.user ?? "emojitrack-hub" }

  /// The line for `redis-cli` that gives the user these rights in place of those that it has. It leaves the password as it is.
  public var line: String { (["ACL", "SETUSER", user] + rules).joined(separator: " ") }

  /// The rules of `ACL SETUSER`.
  public var rules: [String] {
    ["on", "resetkeys", "resetchannels", "-@all"] + commands.map { "+\($0)" } + keys
      + subscriptions.map { "&\($0.channel(configuration.names))" }
  }

  private var subscriptions: [FeedSubscription] {
    FeedSubscription.all(isInteractionEnabled: configuration.isInteractionEnabled)
  }

  private var commands: [String] {
    (configuration.database == 0 ? [] : ["select"]) + [
      "role", "client|setname", "subscribe", "psubscribe", "ping", "publish", "multi", "exec", "discard",
      "get",
      "set", "eval", "zrange", "lrange", "hset", "hdel",
    ]
  }

  private var keys: [String] {
    let names = configuration.names
    return [
      "%R~\(names.scores)", "~\(names.lineage)", "%R~\(names.tweetsPrefix)*", "%W~\(names.nodeStatuses)",
    ]
  }
}
