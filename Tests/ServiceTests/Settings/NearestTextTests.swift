import Testing

@testable import Service

@Suite struct NearestTextTests {
  @Test("The nearest candidate is found, if any is near")
  func nearest() {
    let keys = ["link.listen", "admin.listen", "tick", "tls.key"]
    #expect(NearestText.nearest(to: "link.lisen", among: keys) == "link.listen")
    #expect(NearestText.nearest(to: "tic", among: keys) == "tick")
    #expect(NearestText.nearest(to: "colour", among: keys) == nil)
    #expect(NearestText.nearest(to: "tick", among: []) == nil)
  }

  @Test("Distance counts insertions, deletions and replacements")
  func distance() {
    #expect(NearestText.distance("kitten", "sitting") == 3)
    #expect(NearestText.distance("", "abc") == 3)
    #expect(NearestText.distance("abc", "") == 3)
    #expect(NearestText.distance("abc", "abc") == 0)
  }
}
