import EdgeCore
import Primitives

/// Checks the order and the limits of a worker's handshakes, without asking its machine.
final class HandshakeAudit {
  private struct Handshake {
    let acceptedAt: Instant
    /// The place in the line of those that wait for a step; nil if it waits for its client.
    var place: Int?
    /// When its first step must have come.
    var turnLimit: Instant?
    var begunAt: Instant?
  }

  /// The most handshakes that may count at once.
  static let countedMaximum = 3
  private static let countedTime = Duration.milliseconds(250)
  private static let stepsMaximum = 8

  private let world: World
  private let who: String
  private var handshakes: [ConnectionID: Handshake] = [:]
  private var lastPlace = 0
  private var stepCount = 0

  init(_ world: World, of who: String) {
    self.world = world
    self.who = who
  }

  func accepted(_ connection: ConnectionID) {
    handshakes[connection] = Handshake(acceptedAt: world.now)
  }

  func becameReady(_ connection: ConnectionID) {
    guard var handshake = handshakes[connection], handshake.place == nil else { return }
    lastPlace += 1
    handshake.place = lastPlace
    if handshake.begunAt == nil {
      // Those before it keep their places for the time in which they count, and a little for the turns.
      let rounds = handshakes.count / Self.countedMaximum + 2
      handshake.turnLimit = world.now.advanced(by: .milliseconds(300) * rounds)
    }
    handshakes[connection] = handshake
  }

  func ended(_ connection: ConnectionID) { handshakes[connection] = nil }

  // MARK: A turn

  func beginTurn() { stepCount = 0 }

  func stepTaken(by connection: ConnectionID) {
    stepCount += 1
    if stepCount > Self.stepsMaximum { violated("takes \(stepCount) steps in a turn") }
    guard let handshake = handshakes[connection], let place = handshake.place else {
      return violated("takes a step that no client waits for")
    }
    handshakes[connection]?.place = nil
    guard handshake.begunAt == nil else { return }
    if !ready(begun: true).isEmpty { violated("begins while others are to go on") }
    if ready(begun: false).contains(where: { $0 < place }) { violated("begins out of turn") }
    if countedCount >= Self.countedMaximum { violated("begins beyond the limit") }
    handshakes[connection]?.begunAt = world.now
  }

  func endTurn() {
    guard stepCount < Self.stepsMaximum else { return }
    if !ready(begun: true).isEmpty { violated("lets one wait that is to go on") }
    guard !ready(begun: false).isEmpty else { return }
    if countedCount < Self.countedMaximum { violated("lets one wait although a place is free") }
    world.happened(.handshakeWait)
  }

  // MARK: Time

  /// Checks that each has had its turn or its end in time.
  func check() {
    for handshake in handshakes.values {
      if let limit = handshake.turnLimit, handshake.begunAt == nil, limit < world.now {
        violated("lets one wait for too long")
      }
      // Its time runs from its beginning, and before that only while it keeps the edge waiting.
      let isInLine = handshake.begunAt == nil && handshake.place != nil
      let limit = SimulatedWorker.handshakeTimeout + .seconds(1)
      if !isInLine, (handshake.begunAt ?? handshake.acceptedAt).advanced(by: limit) < world.now {
        violated("does not end one in time")
      }
    }
  }

  private func ready(begun: Bool) -> [Int] {
    handshakes.values.filter { ($0.begunAt != nil) == begun }.compactMap(\.place)
  }

  private var countedCount: Int {
    handshakes.values.count { $0.begunAt.map { $0.advanced(by: Self.countedTime) > world.now } ?? false }
  }

  private func violated(_ text: String) { world.violated("handshake", "\(who) \(text)") }
}
