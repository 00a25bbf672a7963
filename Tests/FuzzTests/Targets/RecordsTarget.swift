import TestSupport

@testable import TLS

/// What an opener made of some bytes.
private struct Opened: Equatable {
  var events: [RecordOpener.Event] = []
  var data: [UInt8] = []

  init(
    _ pieces: [ArraySlice<UInt8>], _ suite: RecordSuite, bufferSize: Int, with ciphers: RecordCiphers
  ) throws {
    var opener = RecordOpener(try protection(suite))
    var buffer = [UInt8](repeating: 0, count: bufferSize)
    for piece in pieces {
      let bytes = Array(piece)
      unsafe bytes.withUnsafeBytes { unsafe opener.received($0) }
      while let event = unsafe buffer.withUnsafeMutableBytes({ unsafe opener.next(into: $0, with: ciphers) })
      {
        // Parts of a record's data follow the size of the buffer, and are no difference.
        guard case .data(let count) = event else {
          events.append(event)
          continue
        }
        try demand((1...bufferSize).contains(count), "\(count) bytes of data")
        data += buffer[..<count]
      }
    }
  }
}

private func protection(_ suite: RecordSuite) throws -> RecordProtection {
  let secret = (0..<UInt8(suite.secretCount)).map { $0 &* 7 &+ 1 }
  guard let protection = RecordProtection.derived(from: secret, suite) else { throw Finding("no keys") }
  return protection
}

/// The input as a program: bytes alone would never be authentic. It seals records with contents from the input, and adds
/// and changes bytes, as a peer that has the keys, or one that has not, could do.
private struct Sealed {
  let suite: RecordSuite
  private(set) var stream: [UInt8] = []
  /// The data that must be opened if nothing else happens before.
  private(set) var data: [UInt8] = []
  /// Whether nothing but complete records of data and of key updates was made.
  private(set) var isPlain = true

  init(_ program: [UInt8], with ciphers: RecordCiphers) throws {
    var rest = program[...]
    suite = RecordSuite.allCases[Int(rest.popFirst() ?? 0) % RecordSuite.allCases.count]
    let sealer = RecordSealer(try protection(suite))
    while let step = rest.popFirst() {
      let count = Int(rest.popFirst() ?? 0)
      let content = Array(rest.prefix(count))
      switch step % 8 {
      case 0, 1:
        try append(sealer, content + [23] + [UInt8](repeating: 0, count: step >= 128 ? 9 : 0), ciphers)
        data += content
        // Some records without data are allowed, and a flood is not.
        if content.isEmpty { isPlain = false }
      case 2:
        let record = unsafe sealer.sealKeyUpdate(with: ciphers)
        try unsafe stream += record.map { unsafe Array($0) } ?? { throw Finding("no key update") }()
        isPlain = false
        continue
      case 3: try append(sealer, content + [22], ciphers)
      case 4: try append(sealer, content + [21], ciphers)
      case 5:
        // The type is the last byte that is not zero.
        try append(sealer, content, ciphers)
        let plaintext = content.reversed().drop { $0 == 0 }
        if plaintext.first == 23 { data += plaintext.dropFirst().reversed() }
      case 6: stream += content
      default:
        if !stream.isEmpty { stream[(count * 257 + content.count) % stream.count] ^= max(step, 1) }
      }
      if step % 8 > 1 { isPlain = false }
      rest = rest.dropFirst(count)
    }
  }

  private mutating func append(
    _ sealer: borrowing RecordSealer, _ plaintext: [UInt8], _ ciphers: RecordCiphers
  ) throws {
    stream += try unsafe plaintext.withUnsafeBytes { bytes in
      guard let record = unsafe sealer.seal(bytes, with: ciphers) else { throw Finding("not sealed") }
      return unsafe Array(record)
    }
  }
}

extension FuzzTarget {
  /// Any division gives the same; what was sealed is opened; nothing is opened that was not sealed; nothing follows an end.
  static let records = FuzzTarget(
    name: "records", subject: "TLS records that are opened without OpenSSL's state machine",
    sizeMaximum: 4_000,
    seeds: recordsSeeds
  ) { bytes in
    // One for each input, as each worker has one: a context keeps a key between records.
    let ciphers = RecordCiphers()
    let sealed = try Sealed(bytes, with: ciphers)
    let whole = try Opened([sealed.stream[...]], sealed.suite, bufferSize: 20_000, with: ciphers)
    for (division, size) in zip(sealed.stream.divisions, [1, 700]) {
      let opened = try Opened(division, sealed.suite, bufferSize: size, with: ciphers)
      try demand(opened == whole, "another result in pieces: \(opened), not \(whole)")
    }
    try demand(sealed.data.starts(with: whole.data), "\(whole.data) was opened, and \(sealed.data) sealed")
    try demand(
      whole.events.dropLast().allSatisfy { !$0.isLast }, "something follows an end: \(whole.events)")
    if sealed.isPlain {
      try demand(whole.data == sealed.data && whole.events.isEmpty, "sealed data was not opened: \(whole)")
    }
    // Without the keys, nothing is opened.
    let raw = try Opened([bytes[...]], sealed.suite, bufferSize: 1_000, with: ciphers)
    try demand(
      raw.data.isEmpty && raw.events.allSatisfy { if case .violation = $0 { true } else { false } },
      "bytes without a key were opened: \(raw)")
  }

  @Sendable private static func recordsSeeds() -> [[UInt8]] {
    func step(_ number: UInt8, _ content: [UInt8]) -> [UInt8] { [number, UInt8(content.count)] + content }
    let data = step(0, Array("data: {}\n\n".utf8))
    return [
      [0] + data + data, [1] + data + [2, 0] + data, [2] + step(128, [1, 2, 3]) + step(4, [1, 0]),
      [0] + data + step(3, [24, 0, 0, 1, 1]) + data, [0] + step(3, [24, 0]) + step(3, [0, 1, 0]) + data,
      [1] + step(4, [1, 90]) + data + step(4, [2, 40]), [2] + step(5, [0, 0, 0]), [0] + step(5, [9, 20]),
      [0] + data + [7, 9, 1], [0] + step(6, [23, 3, 3, 0x41, 1]), [1] + step(6, [21, 3, 3, 0, 2, 2, 40]),
      [2] + (0..<40).flatMap { _ in step(0, []) } + data,
    ]
  }
}
