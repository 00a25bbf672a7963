import Testing

@testable import Service

@Suite struct SecretMaskTests {
  @Test(
    "Passwords are hidden, whatever they contain, and nothing else",
    arguments: [
      ("redis://127.0.0.1:6379", "redis://127.0.0.1:6379"),
      ("redis://example.org:6379/3", "redis://example.org:6379/3"),
      ("redis://me@example.org", "redis://me@example.org"),
      ("redis://me:hunter2@example.org:6379/3", "redis://me:***@example.org:6379/3"),
      ("redis://:hunter2@example.org", "redis://:***@example.org"),
      ("redis://me:p@ss/w:rd@example.org", "redis://me:***@example.org"),
      ("redis:me:hunter2@example.org", "***@example.org"),
      ("hunter2@redis://example.org", "***@redis://example.org"),
      ("unix:///run/redis.sock?db=2&password=hunter2&x=1", "unix:///run/redis.sock?db=2&password=***"),
      ("unix:///run/redis.sock?password=a&b@c", "unix:///run/redis.sock?password=***"),
      ("redis://:hunter2", "redis://:***"), ("redis://me:hunter2/3", "redis://me:***/3"),
      ("redis://[::1]", "redis://[::1]"), ("redis://[::1]:6379/0", "redis://[::1]:6379/0"),
      ("me:hunter2", "me:***"),
    ])
  func masks(text: String, masked: String) {
    #expect(SecretMask.url(text) == masked)
  }
}
