import EdgeCore
import Testing

struct SharedBytesTests {
  @Test("Shared bytes are limited, and bytes without an owner do not count")
  func limit() throws {
    var ledger = SharedBytesBudget(limit: 100, countMinimum: 10)
    var first = ledger.share([UInt8](repeating: 1, count: 60))
    #expect(first?.bytes.count == 60)
    #expect(ledger.share([UInt8](repeating: 1, count: 41)) == nil)
    let second = ledger.share([UInt8](repeating: 1, count: 40))
    #expect(second != nil)
    #expect(ledger.share([UInt8](repeating: 1, count: 10)) == nil)
    #expect(ledger.share([UInt8](repeating: 1, count: 9)) != nil, "short ones are not counted")
    first = nil
    #expect(ledger.share([UInt8](repeating: 1, count: 60)) != nil)
    withExtendedLifetime((first, second)) {}
  }
}
