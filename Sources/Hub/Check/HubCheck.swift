import HubCore
import Preflight
import Primitives
import Reactor
import Redis
import Service
import TLS

/// `emojitrack-hub check`: checks everything that the hub would use, and starts nothing.
enum HubCheck {
  /// Checks everything that the settings name.
  static func check(_ settings: HubSettings, _ report: inout PreflightReport) {
    let now = MonotonicClock.wallSeconds()
    let identity = report.certificate(
      "tls.certificate, tls.key", file: settings.certificate, key: settings.privateKey,
      authority: settings.authority, purpose: .server, unixSeconds: now)
    if let identity, NodeName(identity.certificate.holder) == nil {
      report.fail(
        "tls.certificate", "names '\(identity.certificate.holder)'",
        remedy: "have it signed with a host name of at most 63 bytes as its first name")
    }
    if let lists = settings.revocations, identity != nil {
      let isUsable = report.attempt(
        "tls.revocations", remedy: "give the complete lists of tls.authority in PEM (openssl ca -gencrl)",
        { try HubProgram.linkFiles(settings) })
      if isUsable != nil { report.ok("tls.revocations", lists) }
    }
    checkAdmin(settings, now, &report)
    report.ports("link.listen", settings.linkListen)
    report.ports("admin.listen", settings.adminListen)
    report.ports("admin.https.listen", settings.adminSecureListen ?? [])
    report.ports("status.listen", settings.statusListen ?? [])
    report.descriptors(needed: settings.edgesMaximum + EdgeFleet.beginnersMaximum + 128)
    report.clock(reference: checkRedis(settings, &report))
  }

  /// `emojitrack-hub healthcheck`: asks the running hub whether it is ready.
  static func checkReadiness(_ settings: HubSettings, _ report: inout PreflightReport) {
    report.readiness(
      of: HubDeclaration.command, at: settings.statusListen?.first ?? settings.adminListen[0])
  }

  private static func checkAdmin(_ settings: HubSettings, _ now: Int64, _ report: inout PreflightReport) {
    let isUsable = report.attempt(
      "admin", remedy: "see Access in Docs/operating.md", { try AdminCredentials(settings) })
    guard let doors = isUsable, let file = settings.adminCertificate, let key = settings.adminKey else {
      return
    }
    _ = report.certificate(
      "admin.https.certificate, admin.https.key", file: file, key: key, authority: nil, purpose: .server,
      unixSeconds: now)
    if settings.adminTokens != nil { report.ok("admin.tokens", "\(doors.acceptedTokens)") }
  }

  /// Returns the time of Redis's clock, if Redis reports it.
  private static func checkRedis(
    _ settings: HubSettings, _ report: inout PreflightReport
  ) -> (unixSeconds: Int64, name: String)? {
    let configuration = settings.redisURL.feedConfiguration(
      names: settings.feedNames, fenceInterval: settings.fenceInterval,
      isInteractionEnabled: settings.interactionEnabled)
    let access = FeedAccess(configuration)
    defer {
      report.ok("redis ACL", "this line grants exactly the rights that the hub needs: \(access.line)")
    }
    guard let (server, name) = redisServer(settings, &report) else { return nil }
    let check = RedisCheck(server: server, name: name, configuration: configuration)
    do {
      return try check.check(&report).map { ($0, "Redis") }
    } catch {
      report.fail("redis.url", "\(error)", remedy: "check that the process may open sockets")
      return nil
    }
  }

  /// The server that the hub would connect to.
  private static func redisServer(
    _ settings: HubSettings, _ report: inout PreflightReport
  ) -> (RedisServer, name: String)? {
    guard
      let source = report.attempt(
        "redis.url", remedy: "correct the URL, or the file that it names",
        { try FeedSource(settings.redisURL) })
    else { return nil }
    switch source {
    case .server(let server): return (server, "\(settings.redisURL)")
    case .sentinels(let sentinels):
      guard let master = master(of: sentinels, &report) else { return nil }
      return (master.server, "the master \(master.address)")
    }
  }
}
