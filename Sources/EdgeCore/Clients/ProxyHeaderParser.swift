/// Parses the PROXY header at the beginning of a connection, version 1 (a line of text) or 2 (binary).
///
/// ```
///   0      12      13       14         16          16 + length
///   │ CR LF CR LF NUL CR LF QUIT LF │ version,  │ family,   │ length │ source, target, │ extensions, │
///   │           signature           │ command   │ transport │ (2)    │ their ports     │ skipped     │
/// ```
///
/// It decides byte by byte, so it gives the same result and the same error however the bytes are divided, and fails
/// at the first wrong byte. It keeps at most 107 bytes. It never guesses whether there is a header: a listener either
/// requires one of every connection, or reads none (§2). The driver closes a connection that ends, or times out,
/// within its header. The optional checksum is skipped like the other extensions: it guards against accidents, which
/// TCP does too, and not against forgery.
package struct ProxyHeaderParser: Sendable {
  /// The longest line of version 1, with its CR LF (§2.1).
  package static let lineMaximum = 107
  /// The longest header of version 2, with its extensions, which may contain a client's certificate.
  package static let headerMaximum = 4096

  private enum Place: UInt8 {
    case signature, line, fixedPart, addresses, extensions
  }

  private static let linePrefix = Array("PROXY ".utf8)
  private static let signature: [UInt8] = [
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
  ]

  private var buffer: [UInt8] = []
  private var place = Place.signature
  private var failure: ProxyHeaderError?
  /// The bytes of version 2 that are still to come after its fixed part.
  private var remaining: UInt16 = 0

  /// A parser that waits for the first byte of a connection.
  package init() {}

  /// Takes bytes until the header is complete.
  ///
  /// - Parameters:
  ///   - bytes: the received bytes.
  ///   - index: where to begin in them; advanced past the last byte that was taken, and never beyond the header.
  /// - Returns: the header, or nil if more bytes are needed. A connection has one header: once it is returned, the
  ///   parser is done.
  /// - Throws: why the connection is closed; the same error again for any further bytes.
  package mutating func parse(
    _ bytes: Span<UInt8>, from index: inout Int
  ) throws(ProxyHeaderError) -> ProxyHeader? {
    if let failure { throw failure }
    do throws(ProxyHeaderError) {
      while index < bytes.count {
        let byte = bytes[index]
        index += 1
        guard let header = try accept(byte) else { continue }
        self = ProxyHeaderParser()
        return header
      }
      return nil
    } catch {
      buffer = []
      failure = error
      throw error
    }
  }

  private mutating func accept(_ byte: UInt8) throws(ProxyHeaderError) -> ProxyHeader? {
    switch place {
    case .signature:
      try acceptSignature(byte)
      return nil
    case .line:
      return try acceptLine(byte)
    case .fixedPart:
      buffer.append(byte)
      try checkFixedPart()
    case .addresses:
      buffer.append(byte)
      remaining -= 1
    case .extensions:
      remaining -= 1
    }
    return binaryContinued()
  }

  private mutating func acceptSignature(_ byte: UInt8) throws(ProxyHeaderError) {
    buffer.append(byte)
    let isLine = buffer[0] == Self.linePrefix[0]
    let expected = isLine ? Self.linePrefix : Self.signature
    guard byte == expected[buffer.count - 1] else { throw .missing }
    if buffer.count == expected.count { place = isLine ? .line : .fixedPart }
  }

  // MARK: Version 1

  private mutating func acceptLine(_ byte: UInt8) throws(ProxyHeaderError) -> ProxyHeader? {
    let followsCarriageReturn = buffer.last == UInt8(ascii: "\r")
    guard followsCarriageReturn == (byte == UInt8(ascii: "\n")) else { throw .bareLineEnd }
    if followsCarriageReturn { return try Self.header(ofLine: buffer.dropLast()) }
    buffer.append(byte)
    guard buffer.count < Self.lineMaximum else { throw .lineTooLong }
    return nil
  }

  /// - Parameter line: without its CR LF.
  private static func header(ofLine line: ArraySlice<UInt8>) throws(ProxyHeaderError) -> ProxyHeader {
    let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    // Anything after this word must be ignored (§2.1).
    if words[1].elementsEqual("UNKNOWN".utf8) { return .unknown }
    let isIPv6 = words[1].elementsEqual("TCP6".utf8)
    guard isIPv6 || words[1].elementsEqual("TCP4".utf8), words.count == 6 else { throw .malformedLine }
    let addresses = words[2...3].compactMap { $0.contains(.colon) == isIPv6 ? NetworkAddress($0) : nil }
    guard addresses.count == 2 else { throw .malformedAddress }
    let ports = words[4...5].compactMap { $0.decimalValue(maximum: 65_535) }
    guard ports.count == 2 else { throw .malformedPort }
    return .source(addresses[0], port: UInt16(ports[0]))
  }

  // MARK: Version 2

  private static let fixedCount = 16

  private var isForwarded: Bool { buffer[12] & 0x0f == 1 }
  private var family: UInt8 { buffer[13] >> 4 }
  private var transport: UInt8 { buffer[13] & 0x0f }

  /// The least number of bytes for the addresses and ports; none if their format is unspecified.
  private var addressesCount: Int {
    guard isForwarded, transport != 0 else { return 0 }
    return [0, 12, 36, 216][Int(family)]
  }

  /// The size of the source's address; nil if the header has none that is used.
  private var sourceCount: Int? {
    guard isForwarded, transport == 1 else { return nil }
    return [nil, 4, 16, nil][Int(family)]
  }

  /// Checks the fixed part while it arrives, so that an error is found at once.
  private mutating func checkFixedPart() throws(ProxyHeaderError) {
    switch buffer.count {
    case 13:
      guard buffer[12] >> 4 == 2 else { throw .unknownVersion }
      guard buffer[12] & 0x0f <= 1 else { throw .unknownCommand }
    case 14 where isForwarded:
      guard family <= 3 else { throw .unknownFamily }
      guard transport <= 2 else { throw .unknownTransport }
    case Self.fixedCount:
      remaining = UInt16(buffer[14]) << 8 | UInt16(buffer[15])
      guard Self.fixedCount + Int(remaining) <= Self.headerMaximum else { throw .headerTooLong }
      guard remaining >= addressesCount else { throw .addressesTruncated }
      place = sourceCount == nil ? .extensions : .addresses
    default: break
    }
  }

  /// The header, once it is complete.
  private mutating func binaryContinued() -> ProxyHeader? {
    if place == .addresses, buffer.count == Self.fixedCount + addressesCount { place = .extensions }
    guard place == .extensions, remaining == 0 else { return nil }
    guard let sourceCount,
      let address = NetworkAddress(networkOrder: buffer[Self.fixedCount...].prefix(sourceCount))
    else { return isForwarded ? .unknown : .local }
    let portIndex = Self.fixedCount + 2 * sourceCount
    return .source(address, port: UInt16(buffer[portIndex]) << 8 | UInt16(buffer[portIndex + 1]))
  }
}
