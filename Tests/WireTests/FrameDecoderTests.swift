import Primitives
import TestSupport
import Testing
import Wire

@Suite struct FrameDecoderTests {
  private static func stream(from peer: Peer) throws -> (messages: [Message], bytes: [UInt8]) {
    let vectors = try GoldenVector.all().filter { $0.message.type.isSent(by: peer) }
    return (vectors.map(\.message), try vectors.flatMap { try $0.bytes() })
  }

  @Test("A stream gives the same messages wherever it is divided in two", arguments: Peer.allCases)
  func cutInTwo(_ peer: Peer) throws {
    let (messages, bytes) = try Self.stream(from: peer)
    for cut in 0...bytes.count {
      #expect(decode(bytes, from: peer, cutAt: [cut]) == Decoded(messages: messages), "cut at \(cut)")
    }
  }

  @Test("A stream gives the same messages byte by byte", arguments: Peer.allCases)
  func byteByByte(_ peer: Peer) throws {
    let (messages, bytes) = try Self.stream(from: peer)
    #expect(decode(bytes, from: peer, cutAt: Array(1..<bytes.count)) == Decoded(messages: messages))
  }

  @Test("A stream gives the same messages in pieces of any size", arguments: Peer.allCases)
  func pieces(_ peer: Peer) throws {
    let (messages, bytes) = try Self.stream(from: peer)
    let seed: UInt64 = 11
    var random = SeededGenerator(seed: seed)
    for round in 0..<300 {
      let cuts = (0..<Int.random(in: 0...20, using: &random)).map { _ in
        Int.random(in: 0...bytes.count, using: &random)
      }
      let decoded = decode(bytes, from: peer, cutAt: cuts.sorted())
      #expect(decoded == Decoded(messages: messages), "seed \(seed), round \(round)")
    }
  }

  @Test("Each message is returned with its last byte, and not before") func promptness() throws {
    for vector in try GoldenVector.all() {
      var decoder = FrameDecoder(from: vector.message.sender)
      let bytes = try vector.bytes()
      decoder.append(Array(bytes.dropLast()).span)
      #expect(try decoder.next() == nil)
      decoder.append(Array(bytes.suffix(1)).span)
      #expect(try decoder.next() == vector.message)
      #expect(try decoder.next() == nil)
    }
  }

  @Test("A length of zero is refused before the type has arrived") func emptyFrame() {
    #expect(decode([0, 0, 0, 0], from: .edge) == Decoded(error: .emptyFrame))
  }

  @Test("A length is accepted up to the limit of all frames, and the type is checked next")
  func frameLimit() {
    let limit = RelayProtocol.maximumLength
    #expect(
      decode([0x00, 0x10, 0x00, 0x01], from: .hub)
        == Decoded(error: .frameTooLong(length: limit + 1, limit: limit)))
    #expect(
      decode([0xff, 0xff, 0xff, 0xff], from: .hub).error == .frameTooLong(length: 0xffff_ffff, limit: limit))
    #expect(decode([0x00, 0x10, 0x00, 0x00], from: .hub) == Decoded())
    #expect(decode([0x00, 0x10, 0x00, 0x00, 0x7f], from: .hub) == Decoded(error: .unknownType(0x7f)))
  }

  @Test(
    "A length beyond its type's limit is refused with the first five bytes", arguments: MessageType.allCases)
  func typeLimit(_ type: MessageType) {
    let peer: Peer = type.isSent(by: .edge) ? .edge : .hub
    func header(_ length: Int) -> [UInt8] {
      var writer = ByteWriter()
      writer.write(UInt32(length))
      writer.write(type.rawValue)
      return writer.bytes
    }
    let limit = type.maximumLength
    let refused = WireError.messageTooLong(type, length: limit + 1, limit: limit)
    #expect(decode(header(limit + 1), from: peer) == Decoded(error: refused))
    #expect(decode(header(limit), from: peer) == Decoded())
  }

  @Test("Every other type is unknown, from either side", arguments: Peer.allCases)
  func unknownTypes(_ peer: Peer) {
    for number in UInt8.min ... .max where MessageType(rawValue: number) == nil {
      #expect(decode(frame(number, []), from: peer) == Decoded(error: .unknownType(number)))
    }
  }

  @Test("After an error the decoder stays failed, with earlier messages returned") func failed()
    throws
  {
    var decoder = FrameDecoder(from: .edge)
    let ping = Message.ping(Ping(stamp: 1))
    decoder.append((encode([ping]) + frame(0x7f, [1, 2, 3]) + encode([ping])).span)
    #expect(try decoder.next() == ping)
    for _ in 0..<3 {
      #expect(throws: WireError.unknownType(0x7f)) { try decoder.next() }
      #expect(decoder.bufferedCount == 0)
      decoder.append(encode([ping]).span)
    }
  }

  @Test("It never keeps more than one incomplete frame") func memory() throws {
    let ids = try (0..<RelayProtocol.maximumItemsPerMessage).map { try ScoreID("id-\($0)") }
    let large = Message.raw(RawBatch(firstPosition: 1, ids: ids))
    let small = Message.gap(Gap(skippedRaw: 1, skippedTopicEvents: 1))
    let bytes = encode([small, large, small, small, large, large, small])
    var decoder = FrameDecoder(from: .hub)
    var count = 0
    for start in stride(from: 0, to: bytes.count, by: 4_096) {
      decoder.append(Array(bytes[start..<min(start + 4_096, bytes.count)]).span)
      while try decoder.next() != nil { count += 1 }
      #expect(decoder.bufferedCount < encode([large]).count)
    }
    #expect(count == 7)
    #expect(decoder.bufferedCount == 0)
  }

  @Test(
    "Random messages are decoded unchanged, and are encoded to the same bytes again",
    arguments: Peer.allCases)
  func roundTrip(_ peer: Peer) throws {
    let seed: UInt64 = peer == .edge ? 12 : 13
    var messages = RandomMessages(seed: seed)
    for round in 0..<60 {
      let sent = try (0..<20).map { _ in try messages.next(from: peer) }
      let bytes = encode(sent)
      let cuts = (0..<5).map { _ in Int.random(in: 0...bytes.count, using: &messages.random) }.sorted()
      let received = decode(bytes, from: peer, cutAt: cuts)
      #expect(received == Decoded(messages: sent), "seed \(seed), round \(round)")
      #expect(encode(received.messages) == bytes, "seed \(seed), round \(round)")
    }
  }
}
