import Primitives

/// Slows down guessing: counts the failures of each network within the present second.
///
/// It keeps a bounded number of networks; what is beyond shares one account.
struct FailureLimiter: Equatable, Sendable {
  /// How many failures a network may have in a second.
  static let failuresMaximum = 5
  /// From the first failure on they are counted for so long.
  static let interval = Duration.seconds(1)
  /// How many networks are told apart.
  static let networksMaximum = 1_024

  private struct Account: Equatable {
    var end: Instant
    var failures = 0
  }

  private var accounts: [[UInt8]: Account] = [:]

  /// True if nothing more of the network is looked at for now, right or wrong.
  func isExhausted(_ network: [UInt8], now: Instant) -> Bool {
    guard let account = accounts[key(network)], now < account.end else { return false }
    return account.failures >= Self.failuresMaximum
  }

  /// It failed once more.
  mutating func failed(_ network: [UInt8], now: Instant) {
    if accounts[network] == nil, accounts.count >= Self.networksMaximum {
      accounts = accounts.filter { now < $0.value.end }
    }
    let key = key(network)
    var account = accounts[key] ?? Account(end: now.advanced(by: Self.interval))
    if now >= account.end { account = Account(end: now.advanced(by: Self.interval)) }
    account.failures += 1
    accounts[key] = account
  }

  private func key(_ network: [UInt8]) -> [UInt8] {
    accounts[network] != nil || accounts.count < Self.networksMaximum ? network : []
  }
}
