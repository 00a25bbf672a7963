import Primitives

/// Slows down guessing: counts the failures of each network within the present second.
///
/// It keeps a bounded number of networks; further ones share one count.
struct FailureLimiter: Equatable, Sendable {
  /// The most failures of a network in a second.
  static let failuresMaximum = 5
  /// The interval over which failures are counted, from the first one.
  static let interval = Duration.seconds(1)
  /// The most networks with a count of their own.
  static let networksMaximum = 1_024

  private struct Account: Equatable {
    var end: Instant
    var failures = 0
  }

  private var accounts: [[UInt8]: Account] = [:]

  /// Whether requests from the network are refused for now, whatever their token.
  func isExhausted(_ network: [UInt8], now: Instant) -> Bool {
    guard let account = accounts[key(network)], now < account.end else { return false }
    return account.failures >= Self.failuresMaximum
  }

  /// A request from the network failed.
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
