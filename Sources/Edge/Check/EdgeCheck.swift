import Preflight
import Primitives
import Reactor
import Service
import TLS
import Transport
import Uring
import Wire

/// `emojitrack-edge check`: checks everything that the edge would use, and starts nothing.
enum EdgeCheck {
  /// Checks everything that the settings name.
  static func check(_ settings: EdgeSettings, _ report: inout PreflightReport) {
    let now = MonotonicClock.wallSeconds()
    let identity = report.certificate(
      "tls.certificate, tls.key", file: settings.certificate, key: settings.privateKey,
      authority: settings.authority, purpose: .client, unixSeconds: now)
    if let identity {
      if NodeName(identity.certificate.holder) == nil {
        report.fail(
          "tls.certificate", "names '\(identity.certificate.holder)'",
          remedy: "have it signed with a host name of at most 63 bytes as its first name")
      }
      checkHub(settings, &report)
    }
    if settings.secureListen != nil {
      if let file = settings.secureCertificate, let key = settings.secureKey {
        _ = report.certificate(
          "https.certificate, https.key", file: file, key: key, authority: nil, purpose: .server,
          unixSeconds: now)
      } else {
        report.fail(
          "https.listen", "needs https.certificate and https.key",
          remedy: "give both, or leave https.listen out")
      }
    }
    report.ports("listen", settings.listen)
    report.ports("https.listen", settings.secureListen ?? [])
    report.ports("status.listen", settings.statusListen ?? [])
    // A connection of HTTP/2 has many clients.
    let clients = settings.http2Enabled ? nil : settings.clientsMaximum
    report.descriptors(needed: (settings.connectionsMaximum ?? clients ?? 4_096) + 128)
    report.clock()
    if settings.usesRing { checkRing(&report) }
  }

  private static func checkRing(_ report: inout PreflightReport) {
    do {
      _ = try SendRing()
      report.ok("iouring.enabled", "io_uring can be used")
    } catch {
      report.ok("iouring.enabled", "io_uring cannot be used (\(error)): clients cost more CPU time")
    }
  }

  /// `emojitrack-edge healthcheck`: asks the running edge whether it is ready.
  static func checkReadiness(_ settings: EdgeSettings, _ report: inout PreflightReport) {
    let plain = settings.requiresProxyHeader ? nil : settings.listen.first
    guard let address = settings.statusListen?.first ?? plain else {
      return report.fail(
        "readiness", "cannot be asked for: each connection to listen needs a PROXY header",
        remedy: "set status.listen")
    }
    report.readiness(of: EdgeDeclaration.command, at: address)
  }

  private static func checkHub(_ settings: EdgeSettings, _ report: inout PreflightReport) {
    let configurations = report.attempt("hub", remedy: "name each hub as in its certificate") {
      try EdgeProgram.hubConfigurations(settings, credentials: LinkCredentials(settings))
    }
    for hub in configurations ?? [] {
      let remedy =
        "check that the hub runs there and has this name in DNS, that its certificate contains the name \(hub.name), and that both have the same authority"
      let hubPreflight = report.attempt("hub", remedy: remedy) {
        try HubPreflight.check(
          .tcp(host: hub.address.host, port: hub.address.port), name: hub.name,
          context: hub.credentials.current)
      }
      guard let hubPreflight else { continue }
      if let problem = hubPreflight.problem {
        report.fail("hub", "\(hub.address): \(problem)", remedy: remedy)
      } else {
        report.ok(
          "hub", "\(hub.address) is \(hubPreflight.certificate?.holder ?? "?"), and accepts our certificate")
      }
    }
  }
}
