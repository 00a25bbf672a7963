import Testing
import Wire

@Suite struct GoldenVectorTests {
  @Test("Every message is encoded to the bytes of its example", arguments: try GoldenVector.all())
  func encoding(_ vector: GoldenVector) throws {
    #expect(encode([vector.message]) == (try vector.bytes()))
  }

  @Test("Every example is decoded to its message", arguments: try GoldenVector.all())
  func decoding(_ vector: GoldenVector) throws {
    let decoded = decode(try vector.bytes(), from: vector.message.sender)
    #expect(decoded == Decoded(messages: [vector.message]))
  }

  @Test("Every type of message has an example") func completeness() throws {
    #expect(Set(try GoldenVector.all().map(\.message.type)) == Set(MessageType.allCases))
  }

  @Test("An example that ends early is truncated, wherever it ends", arguments: try GoldenVector.all())
  func truncation(_ vector: GoldenVector) throws {
    let type = vector.message.type
    let payload = try vector.bytes().dropFirst(5)
    for count in 0..<payload.count {
      let decoded = decode(frame(type, Array(payload.prefix(count))), from: vector.message.sender)
      guard case .truncated(type, _) = decoded.error else {
        Issue.record("\(count) bytes of \(vector.name): \(String(describing: decoded.error))")
        continue
      }
      #expect(decoded.messages.isEmpty)
    }
  }

  @Test("An example with an extra byte is refused", arguments: try GoldenVector.all())
  func trailing(_ vector: GoldenVector) throws {
    let type = vector.message.type
    let payload = Array(try vector.bytes().dropFirst(5)) + [0]
    let expected: WireError =
      payload.count + 1 > type.maximumLength
      ? .messageTooLong(type, length: payload.count + 1, limit: type.maximumLength)
      : .trailingBytes(type, count: 1)
    #expect(decode(frame(type, payload), from: vector.message.sender) == Decoded(error: expected))
  }

  @Test(
    "A message from the wrong side is refused as soon as its type has arrived",
    arguments: try GoldenVector.all())
  func direction(_ vector: GoldenVector) throws {
    let type = vector.message.type
    for peer in Peer.allCases where !type.isSent(by: peer) {
      let decoded = decode(Array(try vector.bytes().prefix(5)), from: peer)
      #expect(decoded == Decoded(error: .wrongDirection(type, from: peer)))
    }
  }
}
