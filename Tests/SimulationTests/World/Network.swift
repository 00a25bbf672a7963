import Primitives

/// The network between the nodes of a world: delays and cuts.
final class Network {
  private struct Way: Hashable {
    let from: String
    let to: String
  }

  let world: World
  private var cuts: [Way: Instant] = [:]
  private var connectionCount = 0
  private var pairs: [() -> Void] = []
  /// The greatest delay of one piece, beyond a tenth of a millisecond.
  var delayMaximum = Duration.milliseconds(2)

  init(world: World) {
    self.world = world
  }

  /// Lets nothing pass from one node to another until a moment. Data sent meanwhile arrives afterwards.
  func cut(from: String, to: String, until moment: Instant) {
    cuts[Way(from: from, to: to)] = max(moment, cutEnd(from: from, to: to) ?? moment)
  }

  /// When a cut ends; nil if there is none.
  func cutEnd(from: String, to: String) -> Instant? {
    cuts[Way(from: from, to: to)].flatMap { $0 > world.now ? $0 : nil }
  }

  /// Ends all cuts.
  func heal() {
    cuts = [:]
  }

  /// The world is over: its connections release each other.
  func dissolve() {
    for separate in pairs { separate() }
    pairs = []
  }

  /// The delay of the next piece.
  func delay() -> Duration {
    let maximum = Int(delayMaximum.wholeNanoseconds)
    // Most are fast; some take long.
    let share = world.chance(90) ? maximum / 10 : maximum
    return .nanoseconds(100_000 + Int.random(in: 0...share, using: &world.random))
  }

  /// Connects one node to another.
  ///
  /// - Parameter acceptor: called when the request arrives: returns the handler of the other end; nil without a
  ///   listener.
  /// - Returns: the near end, which reports its fate by `onOpen` or `onClose`.
  func dial<Item: Cargo>(
    from: String, to: String, window: Int, acceptor: @escaping () -> ((End<Item>) -> Void)?
  ) -> End<Item> {
    connectionCount += 1
    let number = connectionCount
    let near = End<Item>(node: from, peer: to, number: number, window: window, network: self)
    let lost = cutEnd(from: from, to: to) != nil || cutEnd(from: to, to: from) != nil
    world.scheduler.after(lost ? .seconds(5) : delay()) { [weak near, weak self] in
      guard let near, let self, !near.isClosed else { return }
      guard !lost, let accept = acceptor() else {
        return near.lose(because: lost ? "timed out" : "refused")
      }
      let far = End<Item>(node: to, peer: from, number: number, window: window, network: self)
      far.other = near
      near.other = far
      far.isOpen = true
      pairs.append { [weak near] in near?.other = nil }
      accept(far)
      world.scheduler.after(delay()) { [weak near] in near?.opened() }
    }
    return near
  }
}

/// Finds the present process of a name.
protocol NodeDirectory: AnyObject {
  /// The acceptor of connections to a node; nil without a listener.
  ///
  /// - Parameter isSecure: whether clients speak TLS there.
  func acceptor(of node: String, secure isSecure: Bool) -> ((End<[UInt8]>) -> Void)?
}
