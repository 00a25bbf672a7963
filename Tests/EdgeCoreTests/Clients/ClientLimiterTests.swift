import EdgeCore
import TestSupport
import Testing

@Suite struct ClientLimiterTests {
  private func ledger(_ clients: Int, perAddress: Int, unlimited: String = "") throws -> ClientLimiter {
    ClientLimiter(
      limits: ClientLimits(
        clientsMaximum: clients, perAddressMaximum: perAddress, unlimited: try NetworkList(parsing: unlimited)
      ))
  }

  @Test("The edge admits clients up to its limit, and again when one has left")
  func edgeLimit() throws {
    var ledger = try ledger(3, perAddress: 3)
    let addresses = try (1...4).map { try address("192.0.2.\($0)") }
    for client in addresses.prefix(3) { #expect(ledger.join(client) == .admitted) }
    #expect(ledger.join(addresses[3]) == .edgeIsFull)
    #expect(ledger.join(nil) == .edgeIsFull)
    #expect(ledger.count == 3)
    ledger.leave(addresses[0])
    #expect(ledger.count == 2)
    #expect(ledger.join(addresses[3]) == .admitted)
  }

  @Test("An address has clients up to its limit, which does not affect other addresses")
  func addressLimit() throws {
    var ledger = try ledger(10, perAddress: 2)
    let (greedy, other) = (try address("192.0.2.1"), try address("192.0.2.2"))
    #expect(ledger.join(greedy) == .admitted)
    #expect(ledger.join(try address("::ffff:192.0.2.1")) == .admitted)
    #expect(ledger.join(greedy) == .addressIsFull)
    #expect(ledger.join(other) == .admitted)
    #expect(ledger.count == 3)
    ledger.leave(greedy)
    #expect(ledger.join(greedy) == .admitted)
    #expect(ledger.join(greedy) == .addressIsFull)
  }

  @Test("If both limits are reached, the edge's counts")
  func bothFull() throws {
    var ledger = try ledger(1, perAddress: 1)
    #expect(ledger.join(try address("192.0.2.1")) == .admitted)
    #expect(ledger.join(try address("192.0.2.1")) == .edgeIsFull)
  }

  @Test("IPv6 is counted by the first 64 bits")
  func networks() throws {
    var ledger = try ledger(10, perAddress: 1)
    #expect(ledger.join(try address("2001:db8::1")) == .admitted)
    #expect(ledger.join(try address("2001:db8::ffff:ffff:ffff:ffff")) == .addressIsFull)
    #expect(ledger.join(try address("2001:db8:0:1::1")) == .admitted)
    // The first 64 bits of these are all zero, but IPv4 addresses are not counted among them.
    #expect(ledger.join(try address("::1")) == .admitted)
    #expect(ledger.join(try address("192.0.2.1")) == .admitted)
    #expect(ledger.join(try address("192.0.2.2")) == .admitted)
    #expect(ledger.addressCount == 5)
    ledger.leave(try address("2001:db8::2"))
    #expect(ledger.join(try address("2001:db8::3")) == .admitted)
  }

  @Test("For unlimited addresses, and clients without an address, only the limit in all applies")
  func unlimited() throws {
    var ledger = try ledger(5, perAddress: 1, unlimited: "loopback")
    for text in ["127.0.0.1", "127.0.0.1", "::1"] { #expect(ledger.join(try address(text)) == .admitted) }
    #expect(ledger.join(nil) == .admitted)
    #expect(ledger.join(nil) == .admitted)
    #expect(ledger.join(try address("127.0.0.1")) == .edgeIsFull)
    #expect(ledger.addressCount == 0)
    ledger.leave(try address("::1"))
    ledger.leave(nil)
    #expect(ledger.count == 3)
  }

  @Test("Loopback addresses are limited unless the operator decides otherwise")
  func loopback() throws {
    var ledger = ClientLimiter(limits: ClientLimits(clientsMaximum: 30_000))
    let loopback = try address("127.0.0.1")
    for _ in 0..<ClientLimits.standardPerAddress { #expect(ledger.join(loopback) == .admitted) }
    #expect(ledger.join(loopback) == .addressIsFull)
  }

  @Test("After any joins and leaves, the counts equal those of a plain list, and nothing is left in the end")
  func fuzz() throws {
    let seed: UInt64 = 3
    var random = SeededGenerator(seed: seed)
    var ledger = try ledger(40, perAddress: 5)
    var present: [NetworkAddress] = []
    let addresses = try (0..<16).map { try address("192.0.2.\($0)") }
    var seen: [ClientLimiter.Admission] = []
    for _ in 0..<10_000 {
      if Int.random(in: 0..<5, using: &random) < 2, let index = present.indices.randomElement(using: &random)
      {
        ledger.leave(present.remove(at: index))
      } else if let client = addresses.randomElement(using: &random) {
        let others = present.count { $0 == client }
        let expected: ClientLimiter.Admission =
          present.count == 40 ? .edgeIsFull : others == 5 ? .addressIsFull : .admitted
        #expect(ledger.join(client) == expected, "seed \(seed)")
        if expected == .admitted { present.append(client) }
        if !seen.contains(expected) { seen.append(expected) }
      }
      #expect(ledger.count == present.count && ledger.addressCount == Set(present).count, "seed \(seed)")
    }
    #expect(seen.count == 3)
    for client in present { ledger.leave(client) }
    #expect(ledger.count == 0 && ledger.addressCount == 0)
  }

  @Test("An edge that was full remains so until less than 95 % of its places are taken")
  func fullness() {
    var ledger = ClientLimiter(limits: ClientLimits(clientsMaximum: 20))
    func fullness(after change: (inout ClientLimiter) -> Void) -> Bool {
      change(&ledger)
      return ledger.isFull
    }
    let join: (inout ClientLimiter) -> Void = { _ = $0.join(nil) }
    let leave: (inout ClientLimiter) -> Void = { $0.leave(nil) }
    let filling = (1...20).map { _ in fullness(after: join) }
    #expect(filling == Array(repeating: false, count: 19) + [true])
    #expect(fullness(after: join))
    // 19 of 20 are 95 %.
    #expect([fullness(after: leave), fullness(after: leave)] == [true, false])
    // It becomes full again only when all places are taken.
    #expect([fullness(after: join), fullness(after: join)] == [false, true])
    #expect(!fullness { $0.setLimits(clientsMaximum: 40, perAddressMaximum: 1) })
    #expect(fullness { $0.setLimits(clientsMaximum: 5, perAddressMaximum: 1) })
  }

  @Test("The one place of an edge is free again when its client has left")
  func fullnessOfOne() {
    var ledger = ClientLimiter(limits: ClientLimits(clientsMaximum: 1))
    _ = ledger.join(nil)
    #expect(ledger.isFull)
    ledger.leave(nil)
    #expect(!ledger.isFull)
  }
}
