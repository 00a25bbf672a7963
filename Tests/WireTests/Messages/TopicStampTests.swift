import Testing
import Wire

@Suite struct TopicStampTests {
  @Test("Stamps are ordered by position, and at one position by ordinal")
  func order() {
    let ascending: [TopicStamp] = [
      .origin, TopicStamp(position: 0, ordinal: 1), TopicStamp(position: 1, ordinal: 0),
      TopicStamp(position: 1, ordinal: 9), TopicStamp(position: 2, ordinal: 0),
    ]
    for (index, stamp) in ascending.enumerated() {
      #expect(ascending[..<index].allSatisfy { $0 < stamp })
      #expect(!ascending[index...].contains { $0 < stamp })
    }
  }
}
