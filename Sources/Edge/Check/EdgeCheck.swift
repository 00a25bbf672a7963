import Doctor
import Primitives
import Reactor
import Service
import TLS
import Transport
import Wire

/// `emojitrack-edge check`: examines everything that the edge would use, and starts nothing.
enum EdgeCheck {
  /// Examines everything that the settings name.
  static func examine(_ settings: EdgeSettings, _ examination: inout Examination) {
    let now = MonotonicClock.wallSeconds()
    let identity = examination.certificate(
      "tls.certificate, tls.key", file: settings.certificate, key: settings.privateKey,
      authority: settings.authority, purpose: .client, unixSeconds: now)
    if let identity {
      if NodeName(identity.certificate.holder) == nil {
        examination.fail(
          "tls.certificate", "names '\(identity.certificate.holder)'",
          remedy: "have it signed with a host name of at most 63 bytes as its first name")
      }
      examineHub(settings, &examination)
    }
    if settings.secureListen != nil {
      if let file = settings.secureCertificate, let key = settings.secureKey {
        _ = examination.certificate(
          "https.certificate, https.key", file: file, key: key, authority: nil, purpose: .server,
          unixSeconds: now)
      } else {
        examination.fail(
          "https.listen", "needs https.certificate and https.key",
          remedy: "give both, or leave https.listen out")
      }
    }
    examination.ports("listen", settings.listen)
    examination.ports("https.listen", settings.secureListen ?? [])
    examination.ports("status.listen", settings.statusListen ?? [])
    examination.descriptors(needed: (settings.clientsMaximum ?? 4_096) + 128)
    examination.clock()
  }

  private static func examineHub(_ settings: EdgeSettings, _ examination: inout Examination) {
    let configurations = examination.attempt("hub", remedy: "name each hub as in its certificate") {
      try EdgeProgram.hubConfigurations(settings, credentials: LinkCredentials(settings))
    }
    for hub in configurations ?? [] {
      let remedy =
        "check that the hub runs there and has this name in DNS, that its certificate contains the name \(hub.name), and that both have the same authority"
      let examiner = examination.attempt("hub", remedy: remedy) {
        try HubExaminer.examine(
          .tcp(host: hub.address.host, port: hub.address.port), name: hub.name,
          context: hub.credentials.current)
      }
      guard let examiner else { continue }
      if let problem = examiner.problem {
        examination.fail("hub", "\(hub.address): \(problem)", remedy: remedy)
      } else {
        examination.ok(
          "hub", "\(hub.address) is \(examiner.certificate?.holder ?? "?"), and accepts our certificate")
      }
    }
  }
}
