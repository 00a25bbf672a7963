import Primitives
import Testing

@testable import EdgeCore

@Suite struct ReleasePaceTests {
  @Test("The last delay ends with the window, and is no longer than the usual delay")
  func withinWindow() {
    let usual = ReleasePace(window: .seconds(10), retry: .standard)
    #expect(usual.retry == RetryDelay(milliseconds: 2_000))
    #expect(usual.span == .seconds(7))
    let long = ReleasePace(window: .seconds(60), retry: .standard)
    #expect(long.retry == .standard)
    #expect(long.span == .milliseconds(55_500))
  }

  @Test("In a short window clients are released over half of it, with the shortest delays")
  func short() {
    let pace = ReleasePace(window: .seconds(1), retry: .standard)
    #expect(pace.retry == RetryDelay(milliseconds: 1_000))
    #expect(pace.span == .milliseconds(500))
    #expect(ReleasePace(window: .zero, retry: .standard).span == .zero)
  }
}
