import Testing
import Wire

@Suite struct MessageTypeTests {
  @Test("Each message is sent by one side, and three by both") func senders() {
    #expect(MessageType.allCases.allSatisfy { type in Peer.allCases.contains(where: type.isSent(by:)) })
    let both = MessageType.allCases.filter { $0.isSent(by: .edge) && $0.isSent(by: .hub) }
    #expect(both == [.ping, .pong, .goAway])
  }

  @Test("No message can be longer than a frame", arguments: MessageType.allCases)
  func limit(_ type: MessageType) {
    #expect((1...RelayProtocol.maximumLength).contains(type.maximumLength))
  }

  @Test("The largest small messages are exactly as long as their limits") func largest() throws {
    let text = String(repeating: "x", count: 70_000)
    let argument = String(repeating: "x", count: 256)
    let messages: [Message] = [
      .commandResult(CommandResult(id: .max, outcome: .done, text: text)),
      .goAway(GoAway(reason: .idle, retryAfterMilliseconds: 3_600_000, text: text)),
      .gap(Gap(skippedRaw: .max, skippedTopicEvents: .max)),
      .command(try #require(Command(id: .max, verb: .drain, argument: argument))),
    ]
    for message in messages { #expect(encode([message]).count - 4 == message.type.maximumLength) }
  }

  @Test("The longest greetings are accepted, and are exactly as long as their limits") func greetings() {
    let node = letters(63)
    let software = letters(64)
    let hello = Array("EMTR".utf8) + [1, 255] + node + software + letters(64) + varint(.max)
    let welcome = [255] + node + software + varint(1_000) + varint(60_000) + varint(600_000)
    #expect(hello.count + 1 == MessageType.hello.maximumLength)
    #expect(welcome.count + 1 == MessageType.welcome.maximumLength)
    #expect(decode(frame(.hello, hello), from: .edge).messages.count == 1)
    #expect(decode(frame(.welcome, welcome), from: .hub).messages.count == 1)
  }
}
