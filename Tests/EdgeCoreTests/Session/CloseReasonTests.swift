import EdgeCore
import Primitives
import Testing

@Suite struct CloseReasonTests {
  @Test("Every reason is one word that needs no escaping")
  func words() {
    #expect(CloseReason.allCases.allSatisfy { $0.rawValue.utf8.allSatisfy(\.isASCIILetter) })
  }
}
