import HTTP
import Primitives
import TestSupport

/// The properties of a world, drawn from its seed.
struct Scenario {
  var hubCount = 1
  var edgeCount = 1
  var feederForm = Feeder.Form.atomic
  var edgeOptions = EdgeOptions()
  /// How many bytes may wait for an edge before its link skips.
  var backlogMaximum = 4_194_304
  var delayMaximum = Duration.milliseconds(2)
  /// Its faults, each as often as it occurs here; empty in a calm world.
  var faults: [Fault] = []
  /// How long events happen.
  var duration = Duration.seconds(20)

  var isCalm: Bool { faults.isEmpty }

  init(using random: inout SeededGenerator) {
    hubCount = Int.random(in: 1...2, using: &random)
    edgeCount = Int.random(in: 1...3, using: &random)
    edgeOptions.workerCount = Int.random(in: 1...2, using: &random)
    edgeOptions.linkWindow = [256, 16_384, 65_536].randomElement(using: &random) ?? 65_536
    edgeOptions.bufferMaximum = [256, 4_096, 1 << 20].randomElement(using: &random) ?? 16_384
    edgeOptions.framing = Int.random(in: 0..<4, using: &random) == 0 ? .untilClose : .chunked
    backlogMaximum = [512, 65_536, 4_194_304].randomElement(using: &random) ?? 65_536
    delayMaximum = .milliseconds([1, 5, 30, 150].randomElement(using: &random) ?? 1)
    feederForm =
      [.atomic, .atomic, .atomic, .totalFirst, .messageFirst, .mixed].randomElement(using: &random) ?? .atomic
    guard Int.random(in: 0..<8, using: &random) > 0 else { return }
    // Each world has its own selection of faults; some of them occur several times as often.
    let count = Int.random(in: 1...6, using: &random)
    faults = (0..<count).compactMap { _ in Fault.allCases.randomElement(using: &random) }
  }
}
