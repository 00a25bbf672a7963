import Testing
import Wire

@Suite struct SharedTicketKeysTests {
  private static func field(_ field: MessageField) -> FieldCases {
    FieldCases(type: .ticketKeys, field: field)
  }
  private static let secret = [UInt8](repeating: 7, count: 80)

  private static let cases: [PayloadCase] =
    [1, 2, 3].map { count in
      PayloadCase("\(count) keys", .ticketKeys, [UInt8(count)] + (0..<count).flatMap { _ in secret + [1] })
    }
    + [0, 4].map { count in
      PayloadCase(
        "\(count) keys", .ticketKeys, [count] + secret + [1],
        .outOfRange(.ticketKeys, .keyCount, value: UInt64(count), limits: 1...3))
    }
    + field(.lifetime).numbers(1...86_400) { [1] + secret + varint($0) }
    + field(.lifetime).varints { [1] + secret + $0 }
    + [
      PayloadCase(
        "a secret that is too short", .ticketKeys, [1] + secret.dropLast(), .truncated(.ticketKeys, .secret))
    ]

  @Test("The number of keys, their lengths and lifetimes are checked", arguments: cases)
  func field(_ example: PayloadCase) { example.check() }

  @Test("The largest message is exactly as long as its limit, and no text of it shows a secret")
  func largest() {
    let key = SharedTicketKeys.Key(secret: Self.secret, lifetimeSeconds: 86_400)
    let message = Message.ticketKeys(SharedTicketKeys([key, key, key]))
    #expect(encode([message]).count - 4 == MessageType.ticketKeys.maximumLength)
    #expect(decode(encode([message]), from: .hub) == Decoded(messages: [message]))
    #expect(!"\(message)".contains("7, 7"))
  }
}
