import TLS
import Testing

@Suite("A public server")
struct TLSServerTests {
  let certificates: CertificateFolder

  init() throws { certificates = try CertificateFolder.shared() }

  @Test("It speaks TLS 1.2 and 1.3 with a client without a certificate", arguments: ["tls12", "tls13"])
  func versions(version: String) throws {
    let client = try certificates.browser(newest: version == "tls12" ? .tls12 : .tls13)
    let meeting = try Meeting(server: certificates.publicServer(), client: client)
    #expect(meeting.serverResult == .complete)
    #expect(meeting.clientResult == .complete)
    #expect(meeting.server.version == (version == "tls12" ? "TLSv1.2" : "TLSv1.3"))
    #expect(meeting.server.peer == nil)
    #expect(meeting.server.protocolName == "http/1.1")
    #expect(!meeting.server.isResumed)
    #expect(meeting.client.peer?.names == ["localhost"])
    #expect(meeting.server.send([1, 2, 3]) == .wrote(3))
    #expect(meeting.client.receive().bytes == [1, 2, 3])
    #expect(meeting.client.send([4]) == .wrote(1))
    #expect(meeting.server.receive().bytes == [4])
  }

  @Test("It sends the whole chain: the client knows only the root")
  func chain() throws {
    let visit = try OpenSSLClient(visiting: certificates.publicServer(), ["-showcerts"])
    #expect(visit.result == .complete)
    #expect(visit.output.contains("Verify return code: 0 (ok)"))
    #expect(visit.output.components("-----BEGIN CERTIFICATE-----") == 2)
    let alone = try OpenSSLClient(visiting: certificates.publicServer("hub"), ["-showcerts"])
    #expect(alone.output.components("-----BEGIN CERTIFICATE-----") == 1)
  }

  @Test("A certificate for clients is refused before any connection; one without a purpose is accepted")
  func purpose() throws {
    let edge = try certificates.identity("edge-1")
    #expect(
      throws: CredentialError(file: edge.certificateFile, problem: .wrongPurpose(needed: "serverAuth"))
    ) { try certificates.publicServer("edge-1") }
    let meeting = try Meeting(
      server: certificates.publicServer("edge-plain"), client: certificates.browser())
    #expect(meeting.serverResult == .complete)
  }

  @Test(
    "Versions before TLS 1.2 are refused, and the client gets the reason",
    arguments: [(0x0300, 40), (0x0301, 70), (0x0302, 70)] as [(UInt16, UInt8)])
  func oldVersions(version: UInt16, alert: UInt8) throws {
    // The ciphers of such a client, and those of a newer one.
    for ciphers in [[0xC009, 0xC013, 0x002F], [0xC02B, 0xC02F]] as [[UInt16]] {
      let hello = ClientHello(versions: [version], ciphers: ciphers)
      let (answer, result) = try hello.answer(of: certificates.publicServer())
      #expect(answer == .alert(alert), "protocol_version, and handshake_failure where there is no such alert")
      #expect(result.failure?.reason == .protocolVersion)
    }
  }

  @Test(
    "A client without a forward-secret, authenticated cipher is refused",
    arguments: [
      [0x002F, 0x0035, 0x003C, 0x009C, 0x009D],  // RSA key exchange, with GCM too
      [0xC009, 0xC00A, 0xC013, 0xC014, 0xC023, 0xC024, 0xC027, 0xC028],  // ECDHE with CBC
      [0x0033, 0x0067, 0x009E, 0xCCAA],  // DHE
      [0x0001, 0x0002, 0xC006, 0xC010, 0x0005, 0x000A],  // no encryption, RC4, triple DES
    ] as [[UInt16]])
  func weakCiphers(ciphers: [UInt16]) throws {
    let hello = ClientHello(versions: [0x0303], ciphers: ciphers)
    let (answer, result) = try hello.answer(of: certificates.publicServer())
    #expect(answer == .alert(40), "handshake_failure")
    #expect(result.failure != nil)
  }

  @Test("The server's order of ciphers counts: the fastest on this processor, whatever the client prefers")
  func cipherOrder() throws {
    let context = try certificates.publicServer()
    let isAES = CipherPreference.here == .aes
    let new = ClientHello(versions: [0x0304, 0x0303], ciphers: [0x1303, 0x1302, 0x1301, 0xCCA9, 0xC02B])
    #expect(try new.answer(of: context).answer == .hello(cipher: isAES ? 0x1301 : 0x1303))
    let old = ClientHello(versions: [0x0303], ciphers: [0xCCA9, 0xC02C, 0xC02B])
    #expect(try old.answer(of: context).answer == .hello(cipher: isAES ? 0xC02B : 0xCCA9))
    for only in [0x1301, 0x1302, 0x1303] as [UInt16] {
      let hello = ClientHello(versions: [0x0304], ciphers: [only])
      #expect(try hello.answer(of: context).answer == .hello(cipher: only))
    }
  }

  @Test("The server's order of application protocols counts too")
  func applicationProtocols() throws {
    let context = try certificates.publicServer(alpn: ["h2", "http/1.1"])
    for (offer, chosen) in [
      (["http/1.1", "h2"], "h2"), (["http/1.1"], "http/1.1"), (["spdy/3", "http/1.1"], "http/1.1"),
    ] {
      let meeting = try Meeting(server: context, client: certificates.browser(alpn: offer))
      #expect(meeting.server.protocolName == chosen)
      #expect(meeting.client.protocolName == chosen)
    }
  }

  @Test("A client that names no application protocol is accepted; one that names only others is refused")
  func noProtocol() throws {
    let context = try certificates.publicServer()
    let silent = try Meeting(server: context, client: certificates.browser(alpn: []))
    #expect(silent.serverResult == .complete)
    #expect(silent.server.protocolName == nil)
    for offer in [["h2"], ["http/1.0", "ftp"], ["http/1.11"], ["HTTP/1.1"], ["http/1."]] {
      let meeting = try Meeting(server: context, client: certificates.browser(alpn: offer))
      #expect(
        meeting.serverResult == .failed(TLSFailure(.alpnMismatch, "the peer does not speak http/1.1 (ALPN)")))
      #expect(meeting.clientResult.failure?.description.contains("no application protocol") == true)
    }
  }

  @Test("The name that a client requests does not matter")
  func serverName() throws {
    for arguments in [["-servername", "elsewhere.example"], ["-noservername"]] {
      let visit = try OpenSSLClient(visiting: certificates.publicServer(), arguments)
      #expect(visit.result == .complete)
    }
  }

  @Test("Renegotiation is refused, and the session continues")
  func renegotiation() throws {
    let visit = try OpenSSLClient(
      visiting: certificates.publicServer(), ["-tls1_2", "-msg"], typing: "R\n")
    #expect(visit.result == .complete)
    #expect(visit.output.contains("RENEGOTIATING"))
    #expect(visit.output.contains("no_renegotiation"))
    #expect(visit.output.components("ServerHelloDone") == 1)
  }

  @Test("Compression and early data are never negotiated")
  func refusedExtras() throws {
    let visit = try OpenSSLClient(visiting: certificates.publicServer(), ["-comp"])
    #expect(visit.result == .complete)
    #expect(visit.output.contains("Compression: NONE"))
    #expect(visit.output.contains("Max Early Data: 0"))
  }
}

extension String {
  /// How often a text occurs in this one.
  func components(_ text: String) -> Int { ranges(of: text).count }
}
