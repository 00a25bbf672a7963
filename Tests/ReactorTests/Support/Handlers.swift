import Reactor

/// Notes what a loop tells it, and does what a test wants done then.
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

/// Does what a test wants done at the end of a turn.
final class TurnEndRecorder: TurnEndHandler {
  private let action: (TurnEndRecorder) -> Void

  init(_ action: @escaping (TurnEndRecorder) -> Void) { self.action = action }

  func turnEnded() { action(self) }
}
