import Foundation
import Testing

@testable import Bench

@Suite struct ProcessSampleTests {
  @Test("A process that works shows more time on a processor, and some memory")
  func own() throws {
    let id = ProcessInfo.processInfo.processIdentifier
    let before = try #require(ProcessSample.read(of: id))
    #expect(before.residentBytes > 1_000_000)
    var hash: UInt64 = 1
    for value in 0..<2_000_000 as Range<UInt64> { hash = (hash ^ value) &* 0x100_0000_01b3 }
    let after = try #require(ProcessSample.read(of: id))
    #expect(after.cpuNanoseconds > before.cpuNanoseconds, "hash \(hash)")
  }

  @Test("A missing process has no sample")
  func none() {
    #expect(ProcessSample.read(of: Int32.max) == nil)
  }
}
