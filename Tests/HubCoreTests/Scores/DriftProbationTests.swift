import Testing

@testable import HubCore

@Suite struct DriftProbationTests {
  @Test("Drift that vanishes is explained, at the fence that no longer finds it")
  func explained() {
    var probation = DriftProbation([1: 2, 2: -1])
    #expect(probation.fenced([1: 1]) == .undecided)
    #expect(probation.hasExplained)
    #expect(probation.fenced([:]) == .explained)
  }

  @Test("Drift that changes its sign was zero in between")
  func signChange() {
    var probation = DriftProbation([1: 2])
    #expect(probation.fenced([1: -2]) == .explained)
  }

  @Test("Of lasting drift, the least amount that was found counts")
  func remains() {
    var probation = DriftProbation([1: 5, 2: -4, 3: 1])
    #expect(!probation.hasExplained)
    #expect(probation.fenced([1: 3, 2: -6, 3: 1]) == .undecided)
    #expect(probation.fenced([1: 7, 2: -2]) == .undecided)
    #expect(probation.fenced([1: 4, 2: -3]) == .undecided)
    #expect(probation.fenced([1: 4, 2: -3]) == .remains([1: 3, 2: -2]))
  }

  @Test("Drift of further ids is left to the next probation")
  func others() {
    var probation = DriftProbation([1: 1])
    #expect(probation.fenced([1: 1, 2: 9]) == .undecided)
    #expect(probation.fenced([2: 9]) == .explained)
  }
}
