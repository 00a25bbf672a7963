/// What a client does besides connecting.
enum ClientRole: UInt8, CaseIterable, Sendable {
  /// Reads at once whatever comes.
  case steady
  /// Reads nothing until the end of the run, then everything.
  case stalled
  /// Reads so many bytes a second.
  case slow
  /// Drops its connection with a reset somewhere in the run, and does not return.
  case vanishing
  /// Ends its connection in the middle of the run, at once with all others of its kind, and returns at once.
  case storming
  /// Comes and goes all the time.
  case passing

  /// Whether it leaves bytes in the kernel that it could read.
  var isHeldBack: Bool { self == .stalled || self == .slow }

  /// Whether it gets all that there is, once everybody has read what waits for him.
  ///
  /// - Parameters:
  ///   - isSummed: whether a server sums up what a client has not read, and so never leaves anything out.
  ///   - isResumable: whether a client that returns gets what it missed.
  func getsAll(isSummed: Bool, isResumable: Bool) -> Bool {
    switch self {
    case .steady: true
    case .stalled, .slow: isSummed
    case .storming: isResumable
    case .vanishing, .passing: false
    }
  }
}

/// How many clients there are of each role.
struct ClientCounts: Equatable, Sendable {
  /// All but those that come and go.
  var clients = 100
  var stalled = 0
  var slow = 0
  var vanishing = 0
  var storming = 0
  /// How many come and go in a second; each stays for one second.
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
