import TestSupport
import Testing

@testable import TLS

@Suite("Records that arrive") struct RecordOpenerTests {
  private let ciphers = RecordCiphers()

  @Test(
    "Records split and joined at every byte are opened alike", arguments: RecordSuite.allCases)
  func split(suite: RecordSuite) throws {
    let sealer = try suite.sealer()
    let contents: [[UInt8]] = [[1], [], Array("data: {}\n\n".utf8), [UInt8](repeating: 9, count: 300)]
    var stream: [UInt8] = []
    for content in contents { stream += try sealer.record(of: content, with: ciphers) }
    stream += try sealer.keyUpdate(with: ciphers)
    stream += try sealer.record(of: [2, 3], with: ciphers)
    stream += try sealer.record(of: TLSAlert.closeNotify.content, .alert, with: ciphers)
    let expected = Opened(
      events: [.keyUpdate(isAnswerRequested: false), .closeNotify], data: Array(contents.joined()) + [2, 3])
    for first in 0...stream.count {
      var opener = try suite.opener()
      var opened = Opened()
      opener.open(Array(stream[..<first]), with: ciphers, into: &opened)
      opener.open(Array(stream[first...]), with: ciphers, into: &opened)
      #expect(opened == expected, "split at \(first)")
    }
    for size in 1...7 {
      var opener = try suite.opener()
      var opened = Opened()
      for start in stride(from: 0, to: stream.count, by: size) {
        let part = Array(stream[start..<min(start + size, stream.count)])
        opener.open(part, with: ciphers, into: &opened, bufferSize: size)
      }
      #expect(opened == expected, "in parts of \(size)")
    }
  }

  @Test("Random records in random parts: what was sealed is opened", arguments: 1...20)
  func random(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let suite = try #require(RecordSuite.allCases.randomElement(using: &random))
    let sealer = try suite.sealer()
    var opener = try suite.opener()
    var (stream, sent): ([UInt8], [UInt8]) = ([], [])
    for _ in 0..<60 {
      let size = Bool.random(using: &random) ? Int.random(in: 0...200, using: &random) : 16_384
      let content = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
      let padding = min(.random(in: 0...40, using: &random), RecordFormat.contentMaximum - size)
      stream += try sealer.record(
        ofPlaintext: content + [23] + [UInt8](repeating: 0, count: padding), with: ciphers)
      sent += content
      if Int.random(in: 0..<8, using: &random) == 0 { stream += try sealer.keyUpdate(with: ciphers) }
    }
    var opened = Opened()
    while !stream.isEmpty {
      let size = min(stream.count, .random(in: 1...40_000, using: &random))
      opener.open(
        Array(stream[..<size]), with: ciphers, into: &opened,
        bufferSize: .random(in: 1...20_000, using: &random))
      stream.removeFirst(size)
    }
    #expect(opened.data == sent)
    #expect(opened.events.allSatisfy { $0 == .keyUpdate(isAnswerRequested: false) })
  }

  @Test(
    "A changed byte is noticed wherever it is, and nothing is opened after it",
    arguments: RecordSuite.allCases)
  func changed(suite: RecordSuite) throws {
    let record = try suite.sealer().record(of: Array("event".utf8), with: ciphers)
    for index in record.indices {
      var changed = record
      changed[index] ^= 0x40
      var opener = try suite.opener()
      let opened = opener.open(changed + record, with: ciphers)
      #expect(opened.data == [])
      // A greater length makes the record incomplete.
      if index == 3 || index == 4 {
        #expect(opened == Opened())
        continue
      }
      // The version, at 1 and 2, is to be ignored as a field, but it is authenticated.
      #expect(
        opened.events == [.violation(index == 0 ? .unexpectedMessage : .badRecordMAC)], "byte \(index)")
      #expect(opener.open(record, with: ciphers) == Opened())
    }
  }

  @Test("A record that is repeated, left out or moved is not authentic")
  func order() throws {
    let sealer = try RecordSuite.aes128.sealer()
    let records = try [[1], [2], [3]].map { try sealer.record(of: $0, with: ciphers) }
    for order in [[0, 0], [1], [0, 2], [0, 1, 0]] {
      var opener = try RecordSuite.aes128.opener()
      let opened = opener.open(order.flatMap { records[$0] }, with: ciphers)
      #expect(opened.alert == .badRecordMAC)
      #expect(opened.data == order.dropLast().map { UInt8($0 + 1) })
    }
  }

  @Test("The greatest record is opened; a longer one is refused at its header, or once it is opened")
  func lengths() throws {
    let suite = RecordSuite.aes128
    let sealer = try suite.sealer()
    var opener = try suite.opener()
    let greatest = [UInt8](repeating: 1, count: 16_384)
    #expect(opener.open(try sealer.record(of: greatest, with: ciphers), with: ciphers).data == greatest)
    // Padding counts (RFC 8446, section 5.4).
    let padded = [UInt8](repeating: 1, count: 10) + [23] + [UInt8](repeating: 0, count: 16_374)
    #expect(
      opener.open(try sealer.record(ofPlaintext: padded, with: ciphers), with: ciphers).data.count == 10)
    for header: [UInt8] in [[23, 3, 3, 0x41, 0x01], [23, 3, 3, 0xff, 0xff]] {
      var opener = try suite.opener()
      #expect(opener.open(header, with: ciphers).alert == .recordOverflow)
    }
    for length: UInt8 in 0...16 {
      var opener = try suite.opener()
      let record = [23, 3, 3, 0, length] + [UInt8](repeating: 0, count: Int(length))
      #expect(opener.open(record, with: ciphers).alert == .badRecordMAC, "without a byte of content and type")
    }
  }

  @Test(
    "Only protected records are taken after a handshake", arguments: [0, 20, 21, 22, 24, 128, 255] as [UInt8])
  func unprotected(type: UInt8) throws {
    var opener = try RecordSuite.aes128.opener()
    // A fatal alert in the clear would be a way to cut connections.
    #expect(opener.open([type, 3, 3, 0, 2, 2, 40], with: ciphers).alert == .unexpectedMessage)
  }

  /// What a record with this content makes of an opener.
  private func alert(
    _ type: UInt8, _ contents: [UInt8]..., padding: Int = 0
  ) throws -> (alert: TLSAlert?, events: [RecordOpener.Event]) {
    let sealer = try RecordSuite.aes128.sealer()
    var opener = try RecordSuite.aes128.opener()
    var opened = Opened()
    for content in contents {
      let plaintext = content + [type] + [UInt8](repeating: 0, count: padding)
      opener.open(try sealer.record(ofPlaintext: plaintext, with: ciphers), with: ciphers, into: &opened)
    }
    return (opened.alert, opened.events)
  }

  @Test("Content of another type is refused, and so is none but padding")
  func contentTypes() throws {
    for type: UInt8 in [1, 20, 24, 255] { #expect(try alert(type, [1]).alert == .unexpectedMessage) }
    #expect(try alert(0, [], padding: 5).alert == .unexpectedMessage)
  }

  @Test("A KeyUpdate message may come in parts and padded, but complete before any other content")
  func keyUpdates() throws {
    #expect(try alert(22, [24, 0, 0, 1, 1]).events == [.keyUpdate(isAnswerRequested: true)])
    #expect(try alert(22, [24, 0, 0, 1, 0], padding: 9).events == [.keyUpdate(isAnswerRequested: false)])
    #expect(try alert(22, [24], [0, 0], [1, 1]).events == [.keyUpdate(isAnswerRequested: true)])
    let violations: [([UInt8], TLSAlert)] = [
      ([24, 0, 0, 1, 2], .illegalParameter), ([24, 0, 0, 2, 0, 0], .decodeError),
      ([24, 0, 0, 0], .decodeError),
      ([24, 1, 0, 1, 0], .decodeError), ([], .unexpectedMessage),
      // Something follows in the record that ends a key.
      ([24, 0, 0, 1, 0, 24], .unexpectedMessage), ([24, 0, 0, 1, 0, 24, 0, 0, 1, 0], .unexpectedMessage),
    ]
    for (content, expected) in violations { #expect(try alert(22, content).alert == expected, "\(content)") }
    for type: RecordFormat.ContentType in [.applicationData, .alert] {
      let sealer = try RecordSuite.aes128.sealer()
      var opener = try RecordSuite.aes128.opener()
      let part = try sealer.record(of: [24, 0], .handshake, with: ciphers)
      let other = try sealer.record(of: TLSAlert.closeNotify.content, type, with: ciphers)
      #expect(opener.open(part + other, with: ciphers).alert == .unexpectedMessage)
    }
  }

  @Test(
    "Other messages were not asked for: hello, ticket, end of early data, certificate, finished",
    arguments: [1, 2, 4, 5, 8, 11, 13, 15, 20, 254] as [UInt8])
  func otherMessages(type: UInt8) throws {
    #expect(try alert(22, [type, 0, 0, 1, 0]).alert == .unexpectedMessage)
    #expect(try alert(22, [type]).alert == .unexpectedMessage)
  }

  @Test("Alerts: the end, a reason, one to be ignored, and malformed ones")
  func alerts() throws {
    #expect(try alert(21, [1, 0]).events == [.closeNotify])
    #expect(try alert(21, [2, 0]).events == [.closeNotify], "the level does not matter")
    #expect(try alert(21, [1, 90], [1, 0]).events == [.closeNotify])
    for number: UInt8 in [10, 20, 40, 46, 80, 116, 200] {
      #expect(try alert(21, [2, number]).events == [.alert(number)])
      #expect(try alert(21, [1, number]).events == [.alert(number)])
    }
    #expect(try alert(21, []).alert == .unexpectedMessage)
    for content: [UInt8] in [[2], [1, 0, 1, 0], [2, 40, 0]] {
      #expect(try alert(21, content).alert == .decodeError)
    }
  }

  @Test("Some records without data are taken in a row, but no flood of them")
  func flood() throws {
    for type: RecordFormat.ContentType in [.applicationData, .handshake] {
      let sealer = try RecordSuite.aes128.sealer()
      var opener = try RecordSuite.aes128.opener()
      func idle() throws -> [UInt8] {
        type == .handshake
          ? try sealer.keyUpdate(with: ciphers) : try sealer.record(of: [], with: ciphers)
      }
      for _ in 0..<3 {
        for _ in 0..<RecordOpener.recordsWithoutDataMaximum {
          #expect(opener.open(try idle(), with: ciphers).alert == nil)
        }
        #expect(opener.open(try sealer.record(of: [1], with: ciphers), with: ciphers).data == [1])
      }
      for _ in 0..<RecordOpener.recordsWithoutDataMaximum { _ = opener.open(try idle(), with: ciphers) }
      opener.connectionWasUsed()
      for _ in 0..<RecordOpener.recordsWithoutDataMaximum {
        #expect(opener.open(try idle(), with: ciphers).alert == nil)
      }
      #expect(opener.open(try idle(), with: ciphers).alert == .unexpectedMessage)
    }
  }

  @Test("Random bytes, and random changes of a good stream, never open anything that was not sealed")
  func garbage() throws {
    var random = SeededGenerator(seed: 8_446)
    let sealer = try RecordSuite.chacha.sealer()
    let good = try (0..<20).flatMap { try sealer.record(of: [UInt8]("event \($0)\n".utf8), with: ciphers) }
    var opener = try RecordSuite.chacha.opener()
    let whole = opener.open(good, with: ciphers).data
    for _ in 0..<2_000 {
      var stream = good
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: stream[.random(in: stream.indices, using: &random)] ^= .random(in: 1...255, using: &random)
        case 1: stream.remove(at: .random(in: stream.indices, using: &random))
        default:
          stream.insert(
            .random(in: 0...255, using: &random), at: .random(in: stream.indices, using: &random))
        }
      }
      var opener = try RecordSuite.chacha.opener()
      let opened = opener.open(stream, with: ciphers)
      #expect(whole.starts(with: opened.data))
      #expect(opened.data.count < whole.count || stream.starts(with: good))
      #expect(opened.events.count <= 1)
    }
  }
}
