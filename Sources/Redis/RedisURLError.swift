/// The invalid part of a ``RedisURL``, and the values allowed there. It never quotes the address, which may contain a
/// password.
package struct RedisURLError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A part of the address.
  package enum Part: String, Equatable, Sendable, CaseIterable {
    case scheme
    case user
    case password
    case host
    case port
    case path
    case database
    case serverName = "server-name"
    case authority = "ca"
    case query
    case master
    case sentinelUser = "sentinel-user"
    case sentinelPassword = "sentinel-password"
  }

  /// The invalid part.
  package let part: Part
  /// True if the part is given twice.
  package let isRepeated: Bool

  init(_ part: Part, isRepeated: Bool = false) {
    self.part = part
    self.isRepeated = isRepeated
  }

  /// The values that are allowed for the part.
  package var allowed: String {
    switch part {
    case .scheme: "redis://, rediss://, unix://, redis-sentinel:// or rediss-sentinel://"
    case .user: "UTF-8 text, with % escapes for : @ / ? and %"
    case .password: "UTF-8 text, with % escapes for @ / ? and %; a user needs one"
    case .host:
      "a name of 1 to 253 letters, digits, dots, hyphens and underscores, or an IPv6 address in brackets"
    case .port: "a number from 1 to 65535"
    case .path: "an absolute path of at most 107 bytes, as in unix:///run/redis.sock"
    case .database: "a number from 0 to 65535"
    case .serverName: "the name in the server's certificate; over TLS only"
    case .authority: "the path of a PEM file; over TLS only"
    case .query:
      "db=, user=, password=; over TLS, ca= and server-name=; with sentinels, sentinel-user= and sentinel-password="
    case .master:
      "the sentinels' name for the master, of letters, digits and . _ -, as in redis-sentinel://host/main"
    case .sentinelUser: "the user at the sentinels, with a sentinel-password; with sentinels only"
    case .sentinelPassword: "the password of the sentinels; with sentinels only"
    }
  }

  /// A sentence for a log.
  package var description: String {
    "the \(part.rawValue) of the Redis address is \(isRepeated ? "given twice" : "not valid") (allowed: \(allowed))"
  }
}
