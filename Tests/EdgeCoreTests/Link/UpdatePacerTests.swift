import EdgeCore
import Primitives
import Testing

struct UpdatePacerTests {
  private static func pacer() -> UpdatePacer {
    var pacer = UpdatePacer(isNeeded: true)
    pacer.tickIntervalChanged(to: .milliseconds(17))
    return pacer
  }

  /// When updates are passed on, if frames arrive at these moments, in milliseconds.
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

  @Test("With a single hub no update waits")
  func single() {
    var pacer = UpdatePacer(isNeeded: false)
    pacer.tickIntervalChanged(to: .milliseconds(17))
    for time in [0, 1, 2, 2] as [Int64] { #expect(pacer.updateCame(now: moment(time)) == true) }
    #expect(pacer.deadline == nil)
  }

  @Test("The frames of one hub are passed on at once, and those of another one wait for them")
  func interleaved() {
    let first = (0..<200).map { Int64($0) * 17 }
    for phase in Int64(1)...15 {
      #expect(Self.updates((first + first.map { $0 + phase }).sorted()) == first)
    }
  }

  @Test(
    "If the leading hub falls silent, another one soon leads, and no two updates are nearer than a tick"
  )
  func handover() throws {
    let first = (0..<20).map { Int64($0) * 17 }
    for phase in Int64(1)...16 {
      let second = (0..<200).map { Int64($0) * 17 + phase }
      let updates = Self.updates((first + second).sorted())
      let distances = zip(updates, updates.dropFirst()).map { $1 - $0 }
      #expect(distances.allSatisfy { (16...36).contains($0) }, "phase \(phase)")
      // In step again: each update is a frame of the second hub, when it arrives.
      #expect(updates.suffix(150).allSatisfy { $0 % 17 == phase % 17 }, "phase \(phase)")
    }
  }

  @Test("A frame after a pause is passed on at once, and a single one behind it does not wait for long")
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
