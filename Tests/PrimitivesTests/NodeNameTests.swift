import Primitives
import Testing

@Suite struct NodeNameTests {
  @Test(
    "A host name is accepted",
    arguments: ["a", "7", "edge-1.example.org", String(repeating: "x", count: 63)])
  func accepted(_ text: String) {
    #expect(NodeName(text)?.description == text)
  }

  @Test(
    "Anything else is refused",
    arguments: [
      "", "-a", "a-", ".a", "a.", "a_b", "a b", "a\n", "é", "*.example", String(repeating: "x", count: 64),
    ])
  func refused(_ text: String) {
    #expect(NodeName(text) == nil)
  }

  @Test("Upper case is folded, so a node has one name") func folding() {
    #expect(NodeName("Edge-1.EXAMPLE") == NodeName("edge-1.example"))
  }

  @Test("Letters that Unicode folds into ASCII are not ASCII") func kelvin() {
    #expect(NodeName("\u{212a}elvin") == nil)
  }

  @Test("Names are ordered by their text") func order() throws {
    let names = try ["b", "a-2", "a-10"].map { try #require(NodeName($0)) }
    #expect(names.sorted().map(\.description) == ["a-10", "a-2", "b"])
  }
}
