import EdgeCore
import Testing
import Wire

@Suite struct StreamKindTests {
  @Test("Namespaces are those of the predecessors")
  func names() throws {
    let id = try #require(TopicID("1F4C2".utf8))
    #expect(StreamKind.raw.namespace == "/raw")
    #expect(StreamKind.eps(.full).namespace == "/eps")
    #expect(StreamKind.allDetails.namespace == "/details")
    #expect(StreamKind.details(id).namespace == "/details/1F4C2")
    #expect(StreamKind.identifiedRaw.namespace == "/raw")
    #expect(StreamKind.identifiedEPS(.full).namespace == "/eps")
  }
}
