import COpenSSL
import Glibc
import Testing

@testable import TLS

extension RecordSealer {
  /// The record of a content.
  func record(
    of content: [UInt8], _ type: RecordFormat.ContentType = .applicationData, with ciphers: RecordCiphers
  ) throws -> [UInt8] {
    try record(ofPlaintext: content + [type.rawValue], with: ciphers)
  }

  /// The record of a content, its type, and perhaps padding.
  func record(ofPlaintext plaintext: [UInt8], with ciphers: RecordCiphers) throws -> [UInt8] {
    try unsafe plaintext.withUnsafeBytes { bytes in
      let record = unsafe seal(bytes, with: ciphers)
      return try unsafe Array(#require(record))
    }
  }

  /// The record of a KeyUpdate message; the next record has the next key.
  func keyUpdate(with ciphers: RecordCiphers) throws -> [UInt8] {
    let record = unsafe sealKeyUpdate(with: ciphers)
    return try unsafe Array(#require(record))
  }
}

/// What an opener made of some bytes.
struct Opened: Equatable {
  /// The events except for data.
  var events: [RecordOpener.Event] = []
  var data: [UInt8] = []

  /// The answer to a violation; nil if there was none.
  var alert: TLSAlert? {
    if case .violation(let alert) = events.last { alert } else { nil }
  }
}

extension RecordOpener {
  /// Opens what is complete.
  mutating func open(
    _ bytes: [UInt8], with ciphers: RecordCiphers, into opened: inout Opened, bufferSize: Int = 20_000
  ) {
    unsafe bytes.withUnsafeBytes { unsafe received($0) }
    var buffer = [UInt8](repeating: 0, count: bufferSize)
    while let event = unsafe buffer.withUnsafeMutableBytes({ unsafe next(into: $0, with: ciphers) }) {
      if case .data(let count) = event {
        opened.data += buffer[..<count]
      } else {
        opened.events.append(event)
      }
    }
  }

  mutating func open(_ bytes: [UInt8], with ciphers: RecordCiphers) -> Opened {
    var opened = Opened()
    open(bytes, with: ciphers, into: &opened)
    return opened
  }
}

extension RecordSuite {
  /// A traffic secret for tests.
  var secret: [UInt8] { (0..<UInt8(secretCount)).map { $0 &* 7 &+ 1 } }

  func sealer() throws -> RecordSealer { RecordSealer(try protection()) }
  func opener() throws -> RecordOpener { RecordOpener(try protection()) }

  private func protection() throws -> RecordProtection {
    guard let protection = RecordProtection.derived(from: secret, self) else {
      throw TLSFailure(.other, "no secret")
    }
    return protection
  }

  /// The name by which a client asks for it.
  var name: String {
    switch self {
    case .aes128: "TLS_AES_128_GCM_SHA256"
    case .aes256: "TLS_AES_256_GCM_SHA384"
    case .chacha: "TLS_CHACHA20_POLY1305_SHA256"
    }
  }
}

/// Bytes from their hexadecimal text.
func bytes(_ text: String) -> [UInt8] {
  let digits = text.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// A client of OpenSSL, and a server's session that may be handed over.
struct Connection {
  let sockets: SocketPair
  let client: TLSSession
  let server: TLSSession

  /// Performs the handshake.
  init(
    _ suite: RecordSuite = .aes128, context: TLSContext? = nil, newest: TLSPolicy.Version = .tls13,
    resuming resumable: ResumableSession? = nil, sendBuffer: Int32? = nil
  ) throws {
    let certificates = try CertificateFolder.shared()
    sockets = try SocketPair(sendBuffer: sendBuffer)
    server = try TLSSession(
      accepting: sockets.server, context: context ?? certificates.publicServer(), handsOver: true)
    client = try TLSSession(
      connecting: sockets.client, to: #require(ServerName("localhost")),
      context: certificates.browser(newest: newest), resuming: resumable)
    try #require(unsafe SSL_set_ciphersuites(client.ssl, suite.name) == 1)
    try meet()
  }

  private func meet() throws {
    for _ in 0..<3 {
      _ = client.handshake()
      _ = server.handshake()
    }
    try #require(client.isEstablished && server.isEstablished)
  }

  /// The client sends a request, the server reads it, and hands over.
  func handOver(with ciphers: RecordCiphers = RecordCiphers()) throws -> RecordSession {
    try request()
    return try #require(server.handOver(to: ciphers))
  }

  func request() throws {
    try #require(client.send(Array("GET".utf8)) == .wrote(3))
    try #require(server.receive().bytes == Array("GET".utf8))
  }

  /// What the client sends meanwhile, which does not reach the server.
  func capture(_ body: () -> TLSWriteHalf.WriteResult) throws -> [UInt8] {
    _ = body()
    var bytes = [UInt8](repeating: 0, count: 1_000)
    let count = unsafe recv(sockets.server, &bytes, bytes.count, 0)
    try #require(count > 0)
    return Array(bytes[..<count])
  }

  /// The client goes on to its next key, which its next bytes tell the server.
  func updateClientKey(asking: Bool = false) throws {
    let kind = asking ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED
    try #require(unsafe SSL_key_update(client.ssl, kind) == 1)
    try #require(unsafe SSL_do_handshake(client.ssl) == 1)
  }
}

extension RecordSession {
  /// Reads up to `limit` bytes at once.
  func receive(_ limit: Int = 65_536) -> (result: TLSSession.ReadResult, bytes: [UInt8]) {
    var buffer = [UInt8](repeating: 0, count: limit)
    let result = read(into: &buffer)
    guard case .bytes(let count) = result else { return (result, []) }
    return (result, Array(buffer.prefix(count)))
  }
}

extension RecordBatch {
  /// Seals the same bytes for all sessions, and sends each its record.
  ///
  /// - Returns: the incomplete writes by index.
  static func deliver(
    _ bytes: [UInt8], to sessions: [RecordSession], countMaximum: Int = 100
  ) -> [Int: TLSWriteHalf.WriteResult] {
    var batch = RecordBatch(countMaximum: countMaximum)
    var short: [Int: TLSWriteHalf.WriteResult] = [:]
    var next = 0
    while next < sessions.count {
      next = batch.seal(bytes, for: sessions[...], from: next) { short[$0] = $1 }
      var start = 0
      for (position, end) in batch.ends.enumerated() {
        let record = Array(batch.records[start..<end])
        let count = unsafe send(batch.sockets[position], record, record.count, Int32(MSG_NOSIGNAL))
        let number = errno
        if count != record.count {
          short[batch.indices[position]] = batch.sent(position, count, number, by: sessions[...])
        }
        start = end
      }
    }
    return short
  }
}
