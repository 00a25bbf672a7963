import Testing

@testable import HubCore

@Suite struct DriftConfirmationTests {
  @Test("Drift that vanishes is explained, at the fence that no longer finds it")
  func explained() {
    var confirmation = DriftConfirmation([1: 2, 2: -1])
    #expect(confirmation.fenced([1: 1]) == .undecided)
    #expect(confirmation.hasExplained)
    #expect(confirmation.fenced([:]) == .explained)
  }

  @Test("Drift that changes its sign was zero in between")
  func signChange() {
    var confirmation = DriftConfirmation([1: 2])
    #expect(confirmation.fenced([1: -2]) == .explained)
  }

  @Test("Of lasting drift, the least amount that was found counts")
  func remains() {
    var confirmation = DriftConfirmation([1: 5, 2: -4, 3: 1])
    #expect(!confirmation.hasExplained)
    #expect(confirmation.fenced([1: 3, 2: -6, 3: 1]) == .undecided)
    #expect(confirmation.fenced([1: 7, 2: -2]) == .undecided)
    #expect(confirmation.fenced([1: 4, 2: -3]) == .undecided)
    #expect(confirmation.fenced([1: 4, 2: -3]) == .remains([1: 3, 2: -2]))
  }

  @Test("Drift of further ids is left to the next confirmation")
  func others() {
    var confirmation = DriftConfirmation([1: 1])
    #expect(confirmation.fenced([1: 1, 2: 9]) == .undecided)
    #expect(confirmation.fenced([2: 9]) == .explained)
  }
}
