import Primitives
import Reactor
import Synchronization
import Testing

/// What a test needs of the machine while it runs.
///
/// Most tests spend most of their time waiting. Their suites are marked with ``patient``, and a few of them run side
/// by side. A test that measures speed, or that uses the processors heavily itself, has the machine for itself, like
/// each test without a mark.
struct MachineShare: SuiteTrait, TestTrait {
  /// In the order in which they are served.
  fileprivate enum Need: CaseIterable {
    /// Patience, while a browser works; one at a time.
    case browser
    /// Patience.
    case patience
    /// Nothing else may run.
    case solitude
  }

  let isRecursive = true
  fileprivate let need: Need
}

extension Trait where Self == MachineShare {
  /// A test that mostly waits, and tolerates delays.
  static var patient: Self { Self(need: .patience) }
  /// A patient test with a browser. One at a time is enough for the machine.
  static var patientWithBrowser: Self { Self(need: .browser) }
  /// A test that must run alone.
  static var alone: Self { Self(need: .solitude) }
}

/// Gives each test its share of the machine, and a thread of its own, because these tests block their thread.
struct SharedMachine: SuiteTrait, TestTrait, TestScoping {
  let isRecursive = true

  func scopeProvider(for test: Test, testCase: Test.Case?) -> SharedMachine? { testCase == nil ? nil : self }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    let need = test.traits.compactMap { $0 as? MachineShare }.last?.need ?? .solitude
    await MachineQueue.shared.take(for: need)
    let start = MonotonicClock.now()
    defer {
      // The duration that the test library prints includes the wait for the machine.
      let duration = start.duration(to: MonotonicClock.now())
      print("took \(duration.wholeMilliseconds) ms: \(test.displayName ?? test.name)")
      MachineQueue.shared.give(back: need)
    }
    try await withTaskExecutorPreference(ThreadExecutor()) { try await function() }
  }
}

/// The tests that wait for their share of the machine.
private final class MachineQueue: Sendable {
  static let shared = MachineQueue()

  private struct State {
    /// The number of tests that run side by side.
    static let laneCount = 3

    var running: [MachineShare.Need] = []
    var waiting: [(need: MachineShare.Need, continuation: CheckedContinuation<Void, Never>)] = []

    private func hasRoom(for need: MachineShare.Need) -> Bool {
      switch need {
      case .browser: hasRoom(for: .patience) && !running.contains(.browser)
      case .patience: running.count < Self.laneCount && !running.contains(.solitude)
      case .solitude: running.isEmpty
      }
    }

    /// Takes out the next test that there is room for.
    mutating func takeNext() -> CheckedContinuation<Void, Never>? {
      for need in MachineShare.Need.allCases where hasRoom(for: need) {
        guard let index = waiting.firstIndex(where: { $0.need == need }) else { continue }
        running.append(need)
        return waiting.remove(at: index).continuation
      }
      return nil
    }
  }

  private let state = Mutex(State())

  func take(for need: MachineShare.Need) async {
    await withCheckedContinuation { continuation in
      state.withLock { $0.waiting.append((need, continuation)) }
      admit()
    }
  }

  func give(back need: MachineShare.Need) {
    state.withLock { state in
      if let index = state.running.firstIndex(of: need) { state.running.remove(at: index) }
    }
    admit()
  }

  private func admit() {
    while let next = state.withLock({ $0.takeNext() }) { next.resume() }
  }
}

/// Runs each piece of a task on a new thread, which may block.
private final class ThreadExecutor: TaskExecutor {
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    do {
      try LoopThread.start("test") { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    } catch {
      preconditionFailure("a test's thread cannot start: \(error)")
    }
  }
}
