/// The rights that the hub's Redis user needs in an access control list, and no more.
///
/// Keys are given with `%R~` and `%W~`, which Redis supports since version 7. The commands with which a connection
/// logs in (`AUTH`, `HELLO`) are always allowed.
package struct FeedAccess: Sendable {
  private let configuration: FeedConfiguration

  /// The rights that a feed with this configuration needs.
  package init(_ configuration: FeedConfiguration) {
    self.configuration = configuration
  }

  /// The user that the hub logs in as; a suggested name if the hub logs in as Redis's default user.
  package var user: String { configuration.user ?? "emojitrack-hub" }

  /// The line for `redis-cli` that replaces the user's rights by these. It leaves the password unchanged.
  package var line: String { (["ACL", "SETUSER", user] + rules).joined(separator: " ") }

  /// The rules of `ACL SETUSER`.
  package var rules: [String] {
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
