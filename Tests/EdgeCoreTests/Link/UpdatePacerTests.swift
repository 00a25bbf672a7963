import EdgeCore
import Primitives
import Testing

struct UpdatePacerTests {
  private static func pacer() -> UpdatePacer {
    var pacer = UpdatePacer(isNeeded: true)
    pacer.tickIntervalChanged(to: .milliseconds(17))
    return pacer
  }

  /// When updates go on, if frames come at these moments, in milliseconds.
  private static func updates(_ frames: [Int64]) -> [Int64] {
    var pacer = pacer()
    var result: [Int64] = []
    for frame in frames {
      while let deadline = pacer.deadline, deadline <= moment(frame) {
        result.append(moment(0).duration(to: deadline).wholeMilliseconds)
        pacer.timerTriggered(now: deadline)
      }
      if pacer.updateCame(now: moment(frame)) { result.append(frame) }
    }
    return result
  }

  @Test("with a single hub nothing ever waits")
  func single() {
    var pacer = UpdatePacer(isNeeded: false)
    pacer.tickIntervalChanged(to: .milliseconds(17))
    for time in [0, 1, 2, 2] as [Int64] { #expect(pacer.updateCame(now: moment(time)) == true) }
    #expect(pacer.deadline == nil)
  }

  @Test("the frames of one hub go on as they come, and those of another wait for them")
  func interleaved() {
    let first = (0..<200).map { Int64($0) * 17 }
    for phase in Int64(1)...15 {
      #expect(Self.updates((first + first.map { $0 + phase }).sorted()) == first)
    }
  }

  @Test(
    "when the hub that gave the rhythm falls silent, the other one gives it soon, and no two updates are nearer than a tick"
  )
  func handover() throws {
    let first = (0..<20).map { Int64($0) * 17 }
    for phase in Int64(1)...16 {
      let second = (0..<200).map { Int64($0) * 17 + phase }
      let updates = Self.updates((first + second).sorted())
      let distances = zip(updates, updates.dropFirst()).map { $1 - $0 }
      #expect(distances.allSatisfy { (16...36).contains($0) }, "phase \(phase)")
      // In step again: what goes on is a frame of the second hub, at the moment at which it comes.
      #expect(updates.suffix(150).allSatisfy { $0 % 17 == phase % 17 }, "phase \(phase)")
    }
  }

  @Test("what comes after a pause goes on at once, and what comes alone behind it does not wait for long")
  func pause() {
    var pacer = Self.pacer()
    #expect(pacer.updateCame(now: moment(0)) == true)
    #expect(pacer.updateCame(now: moment(5)) == false)
    #expect(pacer.deadline.map { moment(17) < $0 && $0 < moment(20) } == true)
    pacer.timerTriggered(now: moment(20))
    #expect(pacer.deadline == nil)
    #expect(pacer.updateCame(now: moment(500)) == true)
  }
}
