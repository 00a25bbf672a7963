import Primitives

/// The address and login of a Redis, as one text:
///
/// - `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`, in the clear;
/// - `rediss://…`, over TLS, with `?ca=FILE`, and `?server-name=NAME` if the certificate's name is not the host's;
/// - `unix://[[USER]:PASSWORD@]/PATH`, a local socket;
/// - `redis-sentinel://[[USER]:PASSWORD@]HOST[:PORT][,HOST[:PORT]…]/MASTER[/DATABASE]`, the master of that name,
///   which the sentinels know; `rediss-sentinel://…` with TLS to both. `?sentinel-user=` and `?sentinel-password=`
///   log in to the sentinels, whose default port is 26379.
///
/// The default port is 6379, and the default database is 0. IPv6 addresses are in brackets. `?db=`, `?user=` and
/// `?password=` are alternatives to their places above, and each part may be given once. Every part is
/// percent-decoded. The description omits the password.
package struct RedisURL: Equatable, Sendable {
  /// The target of the connection.
  package enum Endpoint: Equatable, Sendable {
    /// A host name or address, in the clear.
    case tcp(host: String, port: UInt16)
    /// A host name or address, over TLS. The authority is a PEM file; nil means the authorities that the machine
    /// trusts.
    case tls(host: String, port: UInt16, serverName: String, authorityFile: String?)
    /// The present master, which the sentinels know; over TLS unless that is nil.
    case sentinels([HostPort], master: String, tls: SentinelTLS?)
    /// A local stream socket: an absolute path of at most 107 bytes.
    case unix(path: String)
  }

  /// The protection of connections to sentinels and to the servers that they name.
  package struct SentinelTLS: Equatable, Sendable {
    /// The name in all their certificates; nil if each has the host or address that it is reached by.
    package let serverName: String?
    /// A PEM file; nil means the authorities that the machine trusts.
    package let authorityFile: String?
  }

  /// The target of the connection.
  package let endpoint: Endpoint
  /// The user; nil is Redis's default user.
  package let user: String?
  /// The password; nil if Redis needs none.
  package let password: String?
  /// The user for the sentinels; nil is their default user.
  package let sentinelUser: String?
  /// The password for the sentinels; nil if they need none.
  package let sentinelPassword: String?
  /// The number of the database, 0 to 65,535. Channels are common to all databases.
  package let database: Int

  /// Parses a text.
  package init(_ text: String) throws(RedisURLError) {
    var rest = Array(text.utf8)[...]
    guard let schemeEnd = rest.firstRange(of: "://".utf8) else { throw RedisURLError(.scheme) }
    let scheme = String(decoding: rest[..<schemeEnd.lowerBound], as: UTF8.self).lowercased()
    guard ["redis", "rediss", "unix", "redis-sentinel", "rediss-sentinel"].contains(scheme) else {
      throw RedisURLError(.scheme)
    }
    rest = rest[schemeEnd.upperBound...]

    var options = try RedisURLOptions(
      rest.cut(behind: UInt8(ascii: "?")) ?? [], isTLS: scheme.hasPrefix("rediss"),
      hasSentinels: scheme.hasSuffix("-sentinel"))
    let pathStart = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
    var authority = rest[..<pathStart]
    let path = rest[pathStart...]
    if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
      try options.take(login: authority[..<at])
      authority = authority[(at + 1)...]
    }

    switch scheme {
    case "unix":
      guard authority.isEmpty else { throw RedisURLError(.path) }
      endpoint = .unix(path: try Self.socketPath(path))
    case "redis-sentinel", "rediss-sentinel":
      var master = path.dropFirst()
      try options.take(databasePath: master.cut(behind: UInt8(ascii: "/")) ?? [])
      let tls = SentinelTLS(serverName: options[.serverName], authorityFile: options[.authority])
      endpoint = .sentinels(
        try Self.sentinels(authority), master: try Self.masterName(master),
        tls: scheme == "rediss-sentinel" ? tls : nil)
    default:
      try options.take(databasePath: path.dropFirst())
      let (host, port) = try Self.hostAndPort(authority, defaultPort: 6379)
      endpoint =
        scheme == "redis"
        ? .tcp(host: host, port: port)
        : .tls(
          host: host, port: port, serverName: options[.serverName] ?? host, authorityFile: options[.authority]
        )
    }
    user = options[.user]
    password = options[.password]
    guard user == nil || password != nil else { throw RedisURLError(.password) }
    sentinelUser = options[.sentinelUser]
    sentinelPassword = options[.sentinelPassword]
    guard sentinelUser == nil || sentinelPassword != nil else { throw RedisURLError(.sentinelPassword) }
    database = try Self.databaseNumber(options[.database])
  }

  private static func socketPath(_ bytes: ArraySlice<UInt8>) throws(RedisURLError) -> String {
    let path = try bytes.percentDecoded(as: .path)
    guard (2...107).contains(path.utf8.count), !path.utf8.contains(0) else { throw RedisURLError(.path) }
    return path
  }

  private static func sentinels(_ authority: ArraySlice<UInt8>) throws(RedisURLError) -> [HostPort] {
    var sentinels: [HostPort] = []
    for part in authority.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let (host, port) = try hostAndPort(part, defaultPort: 26_379)
      guard let sentinel = HostPort(host: host, port: port) else { throw RedisURLError(.host) }
      sentinels.append(sentinel)
    }
    return sentinels
  }

  private static func masterName(_ bytes: ArraySlice<UInt8>) throws(RedisURLError) -> String {
    let name = try bytes.percentDecoded(as: .master)
    let isName = name.utf8.allSatisfy { $0.isASCIIAlphanumeric || "._-".utf8.contains($0) }
    guard !name.isEmpty, isName else { throw RedisURLError(.master) }
    return name
  }

  private static func hostAndPort(
    _ authority: ArraySlice<UInt8>, defaultPort: Int
  ) throws(RedisURLError) -> (String, UInt16) {
    var host = authority
    var port: ArraySlice<UInt8>?
    if authority.first == UInt8(ascii: "[") {
      guard let end = authority.firstIndex(of: UInt8(ascii: "]")) else { throw RedisURLError(.host) }
      host = authority[(authority.startIndex + 1)..<end]
      let behind = authority[(end + 1)...]
      guard behind.isEmpty || behind.first == UInt8(ascii: ":") else { throw RedisURLError(.port) }
      port = behind.isEmpty ? nil : behind.dropFirst()
      let isAddress =
        host.contains(UInt8(ascii: ":")) && host.allSatisfy { $0.isHexDigit || $0 == 0x3a || $0 == 0x2e }
      guard isAddress else { throw RedisURLError(.host) }
    } else {
      port = host.cut(behind: UInt8(ascii: ":"))
      let isName = host.allSatisfy { $0.isASCIIAlphanumeric || "._-".utf8.contains($0) }
      guard (1...253).contains(host.count), isName else { throw RedisURLError(.host) }
    }
    guard let number = port.map({ $0.decimal(in: 1...65_535) }) ?? defaultPort else {
      throw RedisURLError(.port)
    }
    return (String(decoding: host, as: UTF8.self), UInt16(number))
  }

  private static func databaseNumber(_ text: String?) throws(RedisURLError) -> Int {
    guard let text else { return 0 }
    guard let number = Array(text.utf8)[...].decimal(in: 0...65_535) else { throw RedisURLError(.database) }
    return number
  }
}

extension RedisURL: CustomStringConvertible {
  /// The address with three asterisks for the password, safe to log.
  package var description: String {
    let login = password == nil ? "" : "\(user?.percentEncoded ?? ""):***@"
    let bracketed = { (host: String) in host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host }
    switch endpoint {
    case .tcp(let host, let port):
      return "redis://\(login)\(bracketed(host)):\(port)/\(database)"
    case .tls(let host, let port, let serverName, let authorityFile):
      let authority = authorityFile.map { "&ca=\($0.percentEncoded)" } ?? ""
      return
        "rediss://\(login)\(bracketed(host)):\(port)/\(database)?server-name=\(serverName.percentEncoded)\(authority)"
    case .sentinels(let sentinels, let master, let tls):
      var items = tls?.serverName.map { ["server-name=\($0.percentEncoded)"] } ?? []
      if let file = tls?.authorityFile { items.append("ca=\(file.percentEncoded)") }
      if let sentinelUser { items.append("sentinel-user=\(sentinelUser.percentEncoded)") }
      if sentinelPassword != nil { items.append("sentinel-password=***") }
      let hosts = sentinels.map(\.description).joined(separator: ",")
      let query = items.isEmpty ? "" : "?" + items.joined(separator: "&")
      return "\(tls == nil ? "redis" : "rediss")-sentinel://\(login)\(hosts)/\(master)/\(database)\(query)"
    case .unix(let path):
      return "unix://\(login)\(path.percentEncoded)?db=\(database)"
    }
  }
}

extension RedisURL: CustomReflectable {
  /// Without children: `dump` must not show the password either.
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
