import EdgeCore
import TestSupport
import Testing

/// Version 2 of the PROXY protocol, and the rules of both versions.
@Suite struct ProxyHeaderParserTests {
  private static let request = Array("GET /subscribe/eps HTTP/1.1\r\n".utf8)

  /// Checks a header with bytes after it: the outcome, that no further byte is taken, and every division.
  private func expect(_ header: ProxyHeader, of bytes: [UInt8]) {
    let outcome = ProxyOutcome(bytes + Self.request)
    #expect(outcome.header == header)
    #expect(outcome.taken == bytes.count)
    #expect(outcome.isTheSameForEverySplit(of: bytes + Self.request))
  }

  private func expect(_ error: ProxyHeaderError, of bytes: [UInt8], at count: Int) {
    let outcome = ProxyOutcome(bytes)
    #expect(outcome.error == error)
    #expect(outcome.taken == count)
    #expect(outcome.isTheSameForEverySplit(of: bytes))
  }

  @Test("A binary header gives the source, with or without extensions", arguments: [0, 1, 7, 255, 256])
  func source(extensions: Int) throws {
    let skipped = [UInt8](repeating: 0x0d, count: extensions)
    expect(
      .source(try address("203.0.113.7"), port: 4711),
      of: binaryProxyHeader(family: 0x11, ipv4Block + skipped))
    expect(
      .source(try address("2001:db8::7"), port: 4711),
      of: binaryProxyHeader(family: 0x21, ipv6Block + skipped))
  }

  @Test("An IPv4-mapped IPv6 source is IPv4")
  func mapped() throws {
    let block = [UInt8](repeating: 0, count: 10) + [255, 255, 203, 0, 113, 7] + ipv6Block[16...]
    expect(.source(try address("203.0.113.7"), port: 4711), of: binaryProxyHeader(family: 0x21, Array(block)))
  }

  @Test(
    "A proxy's own connection is local, whatever the rest is",
    arguments: [0x00, 0x11, 0x21, 0x31, 0xff])
  func local(family: UInt8) {
    for block in [[], ipv4Block, [1]] {
      expect(.local, of: binaryProxyHeader(command: 0x20, family: family, block))
    }
  }

  @Test(
    "A source without a network address, or without a stream, is unknown",
    arguments: [
      (0x00, 0), (0x00, 12), (0x01, 0), (0x02, 3), (0x10, 0), (0x20, 5), (0x30, 0), (0x12, 12), (0x22, 36),
      (0x31, 216),
      (0x32, 216), (0x31, 220),
    ] as [(UInt8, Int)])
  func unknown(family: UInt8, count: Int) {
    expect(.unknown, of: binaryProxyHeader(family: family, [UInt8](repeating: 0x41, count: count)))
  }

  @Test(
    "A header shorter than its addresses is refused before they arrive", arguments: [-1, 0, 1])
  func addressesTruncated(excess: Int) {
    for (family, count) in [(0x11, 12), (0x12, 12), (0x21, 36), (0x22, 36), (0x31, 216), (0x32, 216)]
      as [(UInt8, Int)]
    {
      let bytes = binaryProxyHeader(family: family, [UInt8](repeating: 0, count: count + excess))
      if excess < 0 {
        expect(.addressesTruncated, of: bytes, at: 16)
      } else {
        #expect(ProxyOutcome(bytes).header != nil)
      }
    }
  }

  @Test("A binary header has at most 4,096 bytes", arguments: [-1, 0, 1])
  func limit(excess: Int) throws {
    let extensions = [UInt8](repeating: 0, count: 4096 - 16 - ipv4Block.count + excess)
    let bytes = binaryProxyHeader(family: 0x11, ipv4Block + extensions)
    #expect(bytes.count == 4096 + excess)
    if excess > 0 {
      #expect(ProxyOutcome(bytes).error == .headerTooLong)
      #expect(ProxyOutcome(bytes).taken == 16)
    } else {
      #expect(ProxyOutcome(bytes + Self.request).header == .source(try address("203.0.113.7"), port: 4711))
      #expect(ProxyOutcome(bytes + Self.request).taken == bytes.count)
    }
    #expect(
      ProxyOutcome(binaryProxyHeader(command: 0x20, family: 0, [], length: 65_535)).error == .headerTooLong)
  }

  @Test("An unknown version, command, family or transport is refused at its byte")
  func fixedPart() {
    for version: UInt8 in [0x00, 0x01, 0x10, 0x11, 0x30, 0xf1] {
      expect(.unknownVersion, of: binaryProxyHeader(command: version, family: 0x11, ipv4Block), at: 13)
    }
    for command: UInt8 in 2...15 {
      expect(.unknownCommand, of: binaryProxyHeader(command: 0x20 | command, family: 0x11, ipv4Block), at: 13)
    }
    for family: UInt8 in 4...15 {
      expect(.unknownFamily, of: binaryProxyHeader(family: family << 4 | 1, ipv4Block), at: 14)
    }
    for transport: UInt8 in 3...15 {
      expect(.unknownTransport, of: binaryProxyHeader(family: 0x10 | transport, ipv4Block), at: 14)
    }
  }

  @Test("A connection without a header is refused at its first wrong byte")
  func missing() {
    expect(.missing, of: Self.request, at: 1)
    expect(.missing, of: [0x16, 3, 1, 2, 0, 1], at: 1)
    expect(.missing, of: Array("proxy TCP4 ".utf8), at: 1)
    expect(.missing, of: Array("POST / HTTP/1.1\r\n".utf8), at: 2)
    expect(.missing, of: Array("PROXYTCP4 ".utf8), at: 6)
    expect(.missing, of: Array("\r\nGET / HTTP/1.1\r\n".utf8), at: 3)
    let header = Array("PROXY ".utf8)
    for (start, place) in header.indices.map({ (header, $0) })
      + proxySignature.indices.map({ (proxySignature, $0) })
    {
      var bytes = start
      bytes[place] ^= 0x80
      expect(.missing, of: bytes, at: place + 1)
    }
  }

  @Test("A refused connection stays refused")
  func finality() {
    var parser = ProxyHeaderParser()
    for text in ["GET / HTTP/1.1\r\n", "PROXY UNKNOWN\r\n", ""] {
      var index = 0
      #expect(throws: ProxyHeaderError.missing) { try parser.parse(Array(text.utf8).span, from: &index) }
    }
  }

  @Test("An incomplete header is awaited, at any place")
  func incomplete() {
    let bytes = binaryProxyHeader(family: 0x21, ipv6Block + [1, 2, 3])
    for count in 0..<bytes.count {
      let outcome = ProxyOutcome(Array(bytes[..<count]))
      #expect(outcome.header == nil && outcome.error == nil && outcome.taken == count)
    }
  }

  @Test("Random headers end in a header or an error, the same under every division, and do not trap")
  func fuzz() {
    let seed: UInt64 = 536
    var random = SeededGenerator(seed: seed)
    let starts = [
      Array("PROXY TCP4 203.0.113.7 10.0.0.1 4711 8001\r\n".utf8),
      Array("PROXY TCP6 ::1 2001:db8::7 1 2\r\n".utf8),
      Array("PROXY UNKNOWN\r\n".utf8), binaryProxyHeader(family: 0x11, ipv4Block),
      binaryProxyHeader(family: 0x21, ipv6Block + [4, 0, 1, 0]),
      binaryProxyHeader(command: 0x20, family: 0, []),
    ]
    var errors: Set<ProxyHeaderError> = []
    for _ in 0..<1_500 {
      var bytes = starts.randomElement(using: &random) ?? []
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        default: bytes.insert(bytes.randomElement(using: &random) ?? 0, at: place)
        }
      }
      let outcome = ProxyOutcome(bytes)
      #expect(outcome.header == nil || outcome.error == nil, "seed \(seed)")
      #expect(outcome.isTheSameForEverySplit(of: bytes), "seed \(seed)")
      if let error = outcome.error { errors.insert(error) }
    }
    #expect(errors.count >= 10, "seed \(seed): \(errors)")
  }
}
