import EdgeCore
import Testing

@Suite struct ProxyHeaderTests {
  @Test("Every reason to refuse a connection has a sentence of its own, with the parser's limits")
  func explanations() {
    let explanations = ProxyHeaderError.allCases.map(\.explanation.description)
    #expect(Set(explanations).count == ProxyHeaderError.allCases.count)
    #expect(explanations.allSatisfy { $0.hasSuffix(".") })
    #expect(
      ProxyHeaderError.lineTooLong.explanation.description.contains("\(ProxyHeaderParser.lineMaximum) bytes"))
    #expect(
      ProxyHeaderError.headerTooLong.explanation.description.contains(
        "\(ProxyHeaderParser.headerMaximum) bytes"))
  }
}
