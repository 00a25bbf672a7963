import Primitives
import Redis
import Testing

@Suite("RedisURL")
struct RedisURLTests {
  @Test(
    "reads the endpoint",
    arguments: [
      ("redis://localhost", .tcp(host: "localhost", port: 6379)),
      ("REDIS://10.0.0.1:1/", .tcp(host: "10.0.0.1", port: 1)),
      ("redis://[::1]", .tcp(host: "::1", port: 6379)),
      ("redis://[fe80::1:2]:65535/3", .tcp(host: "fe80::1:2", port: 65535)),
      (
        "rediss://r.example", .tls(host: "r.example", port: 6379, serverName: "r.example", authorityFile: nil)
      ),
      (
        "rediss://r.example:7?ca=/etc/my%20ca.pem&server-name=redis",
        .tls(host: "r.example", port: 7, serverName: "redis", authorityFile: "/etc/my ca.pem")
      ),
      ("unix:///run/redis.sock?db=2", .unix(path: "/run/redis.sock")),
      ("unix://:p@/run/r%C3%A9dis.sock", .unix(path: "/run/rédis.sock")),
    ] as [(String, RedisURL.Endpoint)])
  func endpoints(text: String, endpoint: RedisURL.Endpoint) throws {
    #expect(try RedisURL(text).endpoint == endpoint)
  }

  @Test(
    "reads sentinels and their login",
    arguments: [
      ("redis-sentinel://s1/main", ["s1:26379"], nil, nil, "redis-sentinel://s1:26379/main/0"),
      (
        "redis-sentinel://u:p@s1:7,[::1],s3/my.main-1/2?sentinel-password=q",
        ["s1:7", "[::1]:26379", "s3:26379"],
        nil, "q", "redis-sentinel://u:***@s1:7,[::1]:26379,s3:26379/my.main-1/2?sentinel-password=***"
      ),
      (
        "rediss-sentinel://s/m?sentinel-user=u&sentinel-password=q&ca=/f&server-name=n", ["s:26379"], "u",
        "q",
        "rediss-sentinel://s:26379/m/0?server-name=n&ca=/f&sentinel-user=u&sentinel-password=***"
      ),
    ] as [(String, [String], String?, String?, String)])
  func sentinels(text: String, hosts: [String], user: String?, password: String?, description: String) throws
  {
    let url = try RedisURL(text)
    guard case .sentinels(let addresses, _, let tls) = url.endpoint else {
      Issue.record("no sentinels: \(url)")
      return
    }
    #expect(addresses.map(\.description) == hosts)
    #expect((tls != nil) == text.hasPrefix("rediss"))
    #expect(url.sentinelUser == user)
    #expect(url.sentinelPassword == password)
    #expect(url.description == description)
    #expect(try RedisURL(description).endpoint == url.endpoint)
    #expect(throws: (any Error).self) { try RedisServer(url) }
    let sentinels = try RedisSentinels(RedisURL(text.replacing("&ca=/f", with: "")))
    #expect(sentinels?.addresses == addresses)
  }

  @Test(
    "reads the login and the database",
    arguments: [
      ("redis://h", nil, nil, 0),
      ("redis://:p@h/5", nil, "p", 5),
      ("redis://u:p%40%3A%2f@h?db=65535", "u", "p@:/", 65535),
      ("redis://u:a@b:c@h", "u", "a@b:c", 0),
      ("redis://h?user=u&password=p&db=1", "u", "p", 1),
      ("unix:///s?db=2&password=%E2%98%83", nil, "☃", 2),
    ] as [(String, String?, String?, Int)])
  func logins(text: String, user: String?, password: String?, database: Int) throws {
    let url = try RedisURL(text)
    #expect(url.user == user)
    #expect(url.password == password)
    #expect(url.database == database)
  }

  @Test(
    "names the invalid part",
    arguments: [
      ("", .scheme), ("localhost:6379", .scheme), ("http://h", .scheme),
      ("redis://", .host), ("redis://:6379", .host), ("redis://a b", .host), ("redis://[::1", .host),
      ("redis://[h]", .host), ("redis://h%00", .host),
      ("redis://h:", .port), ("redis://h:0", .port), ("redis://h:65536", .port), ("redis://h:+1", .port),
      ("redis://[::1]x", .port),
      ("redis://h/x", .database), ("redis://h/65536", .database), ("redis://h/-1", .database),
      ("redis://h/1/2", .database), ("redis://h?db=", .database),
      ("redis://u@h", .password), ("redis://u:%zz@h", .password), ("redis://u:%ff@h", .password),
      ("redis://%f:p@h", .user),
      ("unix://h/s", .path), ("unix://", .path), ("unix:///", .path), ("unix:///a%00b", .path),
      ("unix:///" + String(repeating: "a", count: 107), .path),
      ("redis://h?ca=/f", .authority), ("unix:///s?server-name=x", .serverName),
      ("redis-sentinel://s", .master), ("redis-sentinel://s/", .master),
      ("redis-sentinel://s/a%20b", .master),
      ("redis-sentinel://s,/m", .host), ("redis-sentinel://,s/m", .host), ("redis-sentinel://s:0/m", .port),
      ("redis-sentinel://s/m/x", .database), ("redis-sentinel://s/m?ca=/f", .authority),
      ("redis-sentinel://s/m?sentinel-user=u", .sentinelPassword),
      ("redis://h?sentinel-password=q", .sentinelPassword), ("redis://h?sentinel-user=q", .sentinelUser),
      ("redis://h?timeout=1", .query), ("redis://h?db", .query),
    ] as [(String, RedisURLError.Part)])
  func errors(text: String, part: RedisURLError.Part) {
    let error = #expect(throws: RedisURLError.self) { try RedisURL(text) }
    #expect(error?.part == part)
    #expect(error?.isRepeated == false)
  }

  @Test("refuses a part that is given twice", arguments: ["redis://h/1?db=1", "redis://:a@h?password=a"])
  func repeated(text: String) {
    let error = #expect(throws: RedisURLError.self) { try RedisURL(text) }
    #expect(error?.isRepeated == true)
  }

  @Test("gives the allowed values, and quotes nothing")
  func errorText() {
    let error = #expect(throws: RedisURLError.self) { try RedisURL("redis://u:s3cret@h:x") }
    #expect(
      error?.description == "the port of the Redis address is not valid (allowed: a number from 1 to 65535)")
  }

  @Test("accepts a socket path of 107 bytes")
  func longestPath() throws {
    let path = "/" + String(repeating: "a", count: 106)
    #expect(try RedisURL("unix://\(path)").endpoint == .unix(path: path))
  }

  @Test(
    "shows no password, and otherwise parses to the same URL",
    arguments: [
      ("redis://u:s3cret@h:1/2", "redis://u:***@h:1/2"),
      ("redis://:s3cret@[::1]", "redis://:***@[::1]:6379/0"),
      ("rediss://h?ca=/a%20b&password=s3cret", "rediss://:***@h:6379/0?server-name=h&ca=/a%20b"),
      ("unix:///s%3F?db=3&user=%3A&password=s3cret", "unix://%3A:***@/s%3F?db=3"),
      ("redis://h", "redis://h:6379/0"),
    ])
  func masked(text: String, description: String) throws {
    let url = try RedisURL(text)
    #expect(url.description == description)
    #expect(!String(reflecting: url).contains("s3cret"))
    var dumped = ""
    dump(url, to: &dumped)
    #expect(!dumped.contains("s3cret"))
    let again = try RedisURL(description)
    #expect(again.endpoint == url.endpoint && again.user == url.user && again.database == url.database)
  }
}
