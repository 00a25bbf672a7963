import Foundation
import Testing

@testable import TLS

@Suite("The keys of records") struct RecordProtectionTests {
  // RFC 8448, section 3: the traffic secrets of the application, and what was sent with them.
  private static let clientSecret = "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5"
  private static let serverSecret = "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643"
  private static let payload = [UInt8](0..<50)

  private func protection(_ secret: String) throws -> RecordProtection {
    guard let protection = RecordProtection.derived(from: bytes(secret), .aes128) else {
      throw TLSFailure(.other, "no protection")
    }
    return protection
  }

  @Test("Keys and vectors are those of RFC 8448")
  func keys() throws {
    for (secret, key, vector) in [
      (Self.clientSecret, "17422dda596ed5d9acd890e3c63f5051", "5b78923dee08579033e523d9"),
      (Self.serverSecret, "9f02283b6c9c07efc26bb9f2ac92e356", "cf782b88dd83549aadf1e984"),
    ] {
      let protection = try protection(secret)
      #expect(unsafe Array(UnsafeBufferPointer(start: protection.key, count: 16)) == bytes(key))
      var nonce = [UInt8](repeating: 0, count: 12)
      unsafe nonce.withUnsafeMutableBytes { unsafe protection.writeNonce(to: $0.baseAddress!) }
      #expect(nonce == bytes(vector))
      protection.sequence = 0x0102_0304_0506_0708
      unsafe nonce.withUnsafeMutableBytes { unsafe protection.writeNonce(to: $0.baseAddress!) }
      #expect(nonce == zip(bytes(vector), [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]).map { $0 ^ $1 })
    }
  }

  @Test("A plaintext that is longer than a record is not sealed")
  func tooLong() throws {
    let ciphers = RecordCiphers()
    let protection = try protection(Self.serverSecret)
    for excess in 0...1 {
      let plaintext = [UInt8](repeating: 23, count: RecordFormat.plaintextMaximum + excess)
      let record = unsafe plaintext.withUnsafeBytes { unsafe ciphers.seal($0, with: protection)?.count }
      #expect(record == (excess == 0 ? 5 + RecordFormat.plaintextMaximum + 16 : nil))
    }
  }

  @Test("The client's records of RFC 8448 are sealed, and opened byte by byte")
  func clientRecords() throws {
    let records = [
      """
      1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20441e2b62974e1f5a6292a297
      7014bd1e3deae63aeebb21694915e4
      """,
      "1703030013c9872760655666b74d7ff1153efd6db6d0b0e3",
    ].map(bytes)
    let ciphers = RecordCiphers()
    let sealer = RecordSealer(try protection(Self.clientSecret))
    #expect(try sealer.record(of: Self.payload, with: ciphers) == records[0])
    #expect(try sealer.record(of: TLSAlert.closeNotify.content, .alert, with: ciphers) == records[1])
    var opener = RecordOpener(try protection(Self.clientSecret))
    var opened = Opened()
    for byte in records.joined() { opener.open([byte], with: ciphers, into: &opened) }
    #expect(opened == Opened(events: [.closeNotify], data: Self.payload))
  }

  @Test("The server's records of RFC 8448 follow its ticket, which counts")
  func serverRecords() throws {
    let records = [
      """
      17030300432e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36e30efaf97d90e6dffc602dcb501a59a8fcc49c4bf2e5f0a21c
      0047c2abf332540dd032e167c2955d
      """,
      "1703030013b58fd67166ebf599d24720cfbe7efa7a8864a9",
    ].map(bytes)
    let ciphers = RecordCiphers()
    let protection = try protection(Self.serverSecret)
    protection.sequence = 1
    let sealer = RecordSealer(protection)
    #expect(try sealer.record(of: Self.payload, with: ciphers) == records[0])
    #expect(try sealer.record(of: TLSAlert.closeNotify.content, .alert, with: ciphers) == records[1])
  }

  @Test("A secret of another length than the suite's hash is refused", arguments: RecordSuite.allCases)
  func wrongLength(suite: RecordSuite) {
    for secret in [[], suite.secret.dropLast(), suite.secret + [1]] {
      if RecordProtection.derived(from: Array(secret), suite) != nil {
        Issue.record("a secret of \(secret.count) bytes")
      }
    }
  }

  @Test("Memory for keys is not in core dumps, and is wiped before it is used again")
  func memory() throws {
    var address: UInt = 0
    do {
      guard let memory = SecretMemory() else { throw TLSFailure(.other, "no memory") }
      address = unsafe UInt(bitPattern: memory.start)
      unsafe memory.start.initializeMemory(as: UInt8.self, repeating: 0xa5, count: SecretMemory.count)
      #expect(try isLeftOutOfDumps(address))
    }
    guard let start = unsafe UnsafeRawPointer(bitPattern: address) else { return }
    // Another test may use it already, with keys of its own.
    let rest = unsafe Array(UnsafeRawBufferPointer(start: start, count: SecretMemory.count))
    #expect(rest.firstRange(of: [UInt8](repeating: 0xa5, count: 8)) == nil)
  }

  /// Whether the kernel has the flag "do not dump" for the pages of an address.
  private func isLeftOutOfDumps(_ address: UInt) throws -> Bool {
    let file = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
    let text = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    var isWithin = false
    for line in text.split(separator: "\n") {
      let ends = line.prefix { $0 != " " }.split(separator: "-").map { UInt($0, radix: 16) }
      if ends.count == 2, let start = ends[0], let end = ends[1] {
        isWithin = (start..<end).contains(address)
      }
      if isWithin, line.hasPrefix("VmFlags:") { return line.split(separator: " ").contains("dd") }
    }
    return false
  }
}
