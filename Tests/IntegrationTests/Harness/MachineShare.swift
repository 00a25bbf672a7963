import Primitives
import Reactor
import Synchronization
import Testing

/// What a test needs of the machine while it runs.
///
/// Most tests wait most of the time. The suites of those are marked with ``patient``, and a few of them run side by side. A test
/// that measures how fast something is, or that keeps the processors busy itself, has the machine for itself: so does each one
/// that is not marked.
struct MachineShare: SuiteTrait, TestTrait {
  /// In the order in which they are served.
  fileprivate enum Need: CaseIterable {
    /// Patience, while a browser works; one at a time.
    case browser
    /// Patience.
    case patience
    /// That nothing else runs.
    case solitude
  }

  let isRecursive = true
  fileprivate let need: Need
}

extension Trait where Self == MachineShare {
  /// It waits more than it works, and what it waits for may come a little later.
  static var patient: Self { Self(need: .patience) }
  /// The same, with a browser, of which one at a time is enough for the machine.
  static var patientWithBrowser: Self { Self(need: .browser) }
  /// Nothing else runs meanwhile.
  static var alone: Self { Self(need: .solitude) }
}

/// Gives each test its share of the machine, and a thread of its own, since these tests block the one that they run on.
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
      // What the test library prints includes the wait for the machine.
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
    /// How many tests run side by side.
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

    /// Takes the next one out that there is room for.
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
