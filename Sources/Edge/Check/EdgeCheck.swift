import Doctor
import Primitives
import Reactor
import Service
import TLS
import Transport
import Wire

/// `emojitrack-edge check`.
enum EdgeCheck {
  /// Looks at everything that the edge would use.
  static func examine(_ settings: EdgeSettings, _ examination: inout Examination) {
    let now = MonotonicClock.wallSeconds()
    let identity = examination.certificate(
      "tls.certificate, tls.key", file: settings.certificate, key: settings.privateKey,
      authority: settings.authority, purpose: .client, unixSeconds: now)
    if let identity {
      if NodeName(identity.certificate.holder) == nil {
        examination.fail(
          "tls.certificate", "names '\(identity.certificate.holder)'",
          remedy: "have the name of a host of at most 63 bytes signed as its first name")
      }
      examineHub(settings, identity, &examination)
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
    examination.descriptors(needed: (settings.clientsMaximum ?? 4_096) + 128)
    examination.clock()
  }

  private static func examineHub(
    _ settings: EdgeSettings, _ identity: Identity, _ examination: inout Examination
  ) {
    let subject = "hub"
    let text = settings.hubName ?? settings.hub.host
    guard let name = ServerName(text) else {
      return examination.fail(
        "hub.name", "'\(text)' is no name that a certificate can bear",
        remedy: "give the name of the hub's certificate")
    }
    let endpoint = Endpoint.tcp(host: settings.hub.host, port: settings.hub.port)
    let remedy =
      "see whether the hub runs there, its certificate bears the name \(name), and both have the same authority"
    guard
      let examiner = examination.attempt(
        subject, remedy: remedy,
        {
          let context = try TLSContext.linkClient(
            identity: identity, authority: settings.authority, alpn: RelayProtocol.applicationProtocolName)
          return try HubExaminer.examine(endpoint, name: name, context: context)
        })
    else { return }
    if let problem = examiner.problem {
      return examination.fail(subject, "\(endpoint): \(problem)", remedy: remedy)
    }
    examination.ok(
      subject, "\(endpoint) is \(examiner.certificate?.holder ?? "?"), and accepts our certificate")
  }
}
