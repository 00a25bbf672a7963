/// The behaviour of a client after connecting.
enum ClientRole: UInt8, CaseIterable, Sendable {
  /// Reads everything at once.
  case steady
  /// Reads nothing until the end of the run, then everything.
  case stalled
  /// Reads a limited number of bytes a second.
  case slow
  /// Resets its connection at some point of the run, and does not return.
  case vanishing
  /// Disconnects in the middle of the run, together with all others of its role, and reconnects at once.
  case storming
  /// Connects and disconnects all the time.
  case passing

  /// Whether it leaves readable bytes in the kernel.
  var isHeldBack: Bool { self == .stalled || self == .slow }

  /// Whether it receives everything, once every client has read its waiting bytes.
  ///
  /// - Parameters:
  ///   - isSummed: whether the server sums up what a client has not read, and so never skips anything.
  ///   - isResumable: whether a returning client gets what it missed.
  func getsAll(isSummed: Bool, isResumable: Bool) -> Bool {
    switch self {
    case .steady: true
    case .stalled, .slow: isSummed
    case .storming: isResumable
    case .vanishing, .passing: false
    }
  }
}

/// The number of clients of each role.
struct ClientCounts: Equatable, Sendable {
  /// All clients except those that come and go.
  var clients = 100
  var stalled = 0
  var slow = 0
  var vanishing = 0
  var storming = 0
  /// How many clients come and go in a second; each stays for one second.
  var passing = 0

  /// The roles of all clients, in the order in which they connect: the special ones are spread among the steady ones.
  var roles: [ClientRole] {
    var roles = [ClientRole](repeating: .steady, count: clients)
    let special: [(ClientRole, Int)] = [
      (.stalled, stalled), (.slow, slow), (.vanishing, vanishing), (.storming, storming),
    ]
    let marked = special.flatMap { Array(repeating: $0.0, count: $0.1) }.prefix(clients)
    for (index, role) in marked.enumerated() { roles[index * clients / marked.count] = role }
    return roles + Array(repeating: .passing, count: passing)
  }
}
