import Reactor

/// Records the calls of a loop, and runs a closure of the test.
final class ReadinessRecorder: ReadinessHandler {
  private(set) var tokens: [Int] = []
  private(set) var last: Readiness = []
  private let action: (Int) -> Void

  init(_ action: @escaping (Int) -> Void = { _ in }) { self.action = action }

  func descriptorReady(_ readiness: Readiness, token: Int) {
    tokens.append(token)
    last = readiness
    action(token)
  }
}

/// Runs a closure of the test at the end of a turn.
final class TurnEndRecorder: TurnEndHandler {
  private let action: (TurnEndRecorder) -> Void

  init(_ action: @escaping (TurnEndRecorder) -> Void) { self.action = action }

  func turnEnded() { action(self) }
}
