import Doctor
import HubCore
import Primitives
import Reactor
import Redis
import Service
import TLS

/// `emojitrack-hub check`: examines everything that the hub would use, and starts nothing.
enum HubCheck {
  /// Examines everything that the settings name.
  static func examine(_ settings: HubSettings, _ examination: inout Examination) {
    let now = MonotonicClock.wallSeconds()
    let identity = examination.certificate(
      "tls.certificate, tls.key", file: settings.certificate, key: settings.privateKey,
      authority: settings.authority, purpose: .server, unixSeconds: now)
    if let identity, NodeName(identity.certificate.holder) == nil {
      examination.fail(
        "tls.certificate", "names '\(identity.certificate.holder)'",
        remedy: "have it signed with a host name of at most 63 bytes as its first name")
    }
    examineAdmin(settings, now, &examination)
    examination.ports("link.listen", settings.linkListen)
    examination.ports("admin.listen", settings.adminListen)
    examination.ports("admin.https.listen", settings.adminSecureListen ?? [])
    examination.descriptors(needed: settings.edgesMaximum * 2 + 128)
    examination.clock(reference: examineRedis(settings, &examination))
  }

  private static func examineAdmin(_ settings: HubSettings, _ now: Int64, _ examination: inout Examination) {
    let isUsable = examination.attempt(
      "admin", remedy: "see Access in Docs/operating.md", { try AdminCredentials(settings) })
    guard let doors = isUsable, let file = settings.adminCertificate, let key = settings.adminKey else {
      return
    }
    _ = examination.certificate(
      "admin.https.certificate, admin.https.key", file: file, key: key, authority: nil, purpose: .server,
      unixSeconds: now)
    if settings.adminTokens != nil { examination.ok("admin.tokens", "\(doors.acceptedTokens)") }
  }

  /// Returns the time of Redis's clock, if Redis reports it.
  private static func examineRedis(
    _ settings: HubSettings, _ examination: inout Examination
  ) -> (unixSeconds: Int64, name: String)? {
    let configuration = settings.redisURL.feedConfiguration(
      names: settings.feedNames, fenceInterval: settings.fenceInterval,
      isInteractionEnabled: settings.interactionEnabled)
    let access = FeedAccess(configuration)
    defer {
      examination.ok("redis ACL", "this line grants exactly the rights that the hub needs: \(access.line)")
    }
    guard let (server, name) = redisServer(settings, &examination) else { return nil }
    let check = RedisCheck(server: server, name: name, configuration: configuration)
    do {
      return try check.examine(&examination).map { ($0, "Redis") }
    } catch {
      examination.fail("redis.url", "\(error)", remedy: "check that the process may open sockets")
      return nil
    }
  }

  /// The server that the hub would connect to.
  private static func redisServer(
    _ settings: HubSettings, _ examination: inout Examination
  ) -> (RedisServer, name: String)? {
    guard
      let source = examination.attempt(
        "redis.url", remedy: "correct the URL, or the file that it names",
        { try FeedSource(settings.redisURL) })
    else { return nil }
    switch source {
    case .server(let server): return (server, "\(settings.redisURL)")
    case .sentinels(let sentinels):
      guard let master = master(of: sentinels, &examination) else { return nil }
      return (master.server, "the master \(master.address)")
    }
  }
}
