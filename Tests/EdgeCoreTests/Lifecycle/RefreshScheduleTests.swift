import EdgeCore
import Primitives
import TestSupport
import Testing

@Suite struct RefreshScheduleTests {
  @Test("Each client is due once, at its age plus or minus a fifth", arguments: 0..<10)
  func ages(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var schedule = RefreshSchedule(now: moment(0))
    for slot in Int32(0)..<500 {
      schedule.clientJoined(
        ClientID(slot: slot, generation: 7), age: .seconds(100), now: moment(0), using: &random)
    }
    var due: [Int64] = []
    for second in Int64(0)...130 {
      let clients = schedule.takeDue(now: moment(second * 1_000))
      due += clients.map { _ in second }
    }
    #expect(due.count == 500)
    #expect(due.allSatisfy { (80...121).contains($0) })
    // The clients do not become due in one wave.
    #expect(Set(due).count > 30)
  }

  @Test("A late look finds all clients that have become due, and forgetting leaves none")
  func late() {
    var random = SeededGenerator(seed: 3)
    var schedule = RefreshSchedule(now: moment(0))
    let client = ClientID(slot: 1, generation: 0)
    schedule.clientJoined(client, age: .seconds(1), now: moment(0), using: &random)
    let early = schedule.takeDue(now: moment(500))
    let late = schedule.takeDue(now: moment(60_000))
    #expect(early == [])
    #expect(late == [client])
    schedule.clientJoined(client, age: .seconds(1), now: moment(60_000), using: &random)
    schedule.removeAll()
    let none = schedule.takeDue(now: moment(120_000))
    #expect(none == [])
  }
}
