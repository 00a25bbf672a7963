/// A score id whose latency is measured: `probe-00` to `probe-63`.
///
/// Sixty-four are enough to distinguish one send from the next: at ten a second an id is used again after six
/// seconds. All of them stay in the totals of the tested Redis.
enum Probe {
  /// The number of probes.
  static let count = 64
  /// The first six of the eight bytes of an id.
  private static let prefix: UInt64 = Array("probe-".utf8).reduce(0) { $0 << 8 | UInt64($1) }

  /// The id of a probe.
  static func id(_ number: Int) -> String { "probe-\(number / 10)\(number % 10)" }

  /// The bit of the probe whose id is in the last eight bytes shifted into a register; 0 for other ids.
  static func bit(of register: UInt64) -> UInt64 {
    guard register >> 16 == prefix else { return 0 }
    let tens = (register >> 8 & 0xff) &- 0x30
    let ones = (register & 0xff) &- 0x30
    guard tens < 10, ones < 10, tens * 10 + ones < count else { return 0 }
    return 1 << (tens * 10 + ones)
  }
}
