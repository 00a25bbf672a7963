import Primitives
import Testing

@Suite struct ChecksumTests {
  @Test("Weights and checks are the same in every version, because tokens outlive processes")
  func golden() throws {
    #expect(try ScoreID("1F602").weight == 0xa645_f9ce_6862_f626)
    #expect(try ScoreID("1F1EF-1F1F5").weight == 0x8f24_5ca8_e4c5_eac0)
    var checksum = Checksum()
    checksum.add(20, of: try ScoreID("1F602").weight)
    checksum.add(40, of: try ScoreID("1F60D").weight)
    #expect(checksum.check == 0x2189937c)
    #expect(Checksum().check == 0)
  }

  @Test("Totals that differ in one increment of any id have different checks")
  func distinct() throws {
    var checks: Set<UInt32> = []
    for first in 0..<40 as Range<UInt64> {
      for second in 0..<40 as Range<UInt64> {
        var checksum = Checksum()
        checksum.add(first << 20, of: try ScoreID("A").weight)
        checksum.add(second, of: try ScoreID("B").weight)
        checks.insert(checksum.check)
      }
    }
    #expect(checks.count == 1_600)
  }
}
