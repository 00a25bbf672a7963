import EdgeCore
import Primitives
import Testing

struct InitialWriteTests {
  private let now = moment(0)
  private let head = Array("head ".utf8)

  private func beginning(_ answer: String?, copying copiedMaximum: Int = 4) -> InitialWrite {
    InitialWrite(
      head: head, answer: answer.map { SharedBytes(Array($0.utf8)) }, copiedMaximum: copiedMaximum)
  }

  private func offered(_ beginning: InitialWrite) -> String? {
    beginning.next.map { string(Array($0.bytes[$0.start...])) }
  }

  /// The bytes that the client still gets before any new ones; nil if it is in step.
  private func owed(_ beginning: InitialWrite) -> String? {
    let stream = DeliveryStream<Int32>(
      kind: .raw, lagMaximum: .seconds(60), bufferMaximum: 1 << 20, now: now,
      renderSum: UpdateRenderer.renderSum)
    beginning.join(stream, as: 1, channel: 11, at: now)
    return stream.slots.isEmpty ? string(stream.release(1)) : nil
  }

  @Test("A client that takes the head, and gets nothing more, is in step")
  func headAlone() {
    var beginning = beginning(nil)
    #expect(offered(beginning) == "head ")
    beginning.wrote(5)
    #expect(beginning.next == nil)
    #expect(owed(beginning) == nil)
  }

  @Test("Without a head there is nothing to write")
  func nothing() {
    let beginning = InitialWrite(head: [], answer: nil, copiedMaximum: 4)
    #expect(beginning.next == nil)
    #expect(owed(beginning) == nil)
  }

  @Test("A short answer is sent with the head", arguments: ["", "a", "abcd"])
  func shortAnswer(answer: String) {
    var beginning = beginning(answer)
    #expect(offered(beginning) == "head " + answer)
    beginning.wrote(5 + answer.utf8.count)
    #expect(beginning.next == nil)
    #expect(owed(beginning) == nil)
  }

  @Test("The rest of a long answer follows by itself, and is not copied")
  func longAnswer() throws {
    let answer = SharedBytes(Array("abcdefg".utf8))
    var beginning = InitialWrite(head: head, answer: answer, copiedMaximum: 4)
    #expect(offered(beginning) == "head abcd")
    beginning.wrote(9)
    let rest = try #require(beginning.next)
    #expect(rest.bytes == answer.bytes && rest.start == 4)
    beginning.wrote(3)
    #expect(beginning.next == nil)
    #expect(owed(beginning) == nil)
  }

  @Test(
    "A client that takes less than the first bytes lags, and gets the rest in order", arguments: [0, 3, 8])
  func cutInFirst(count: Int) {
    var beginning = beginning("abcdefg")
    beginning.wrote(count)
    #expect(beginning.next == nil, "there is no room")
    #expect(owed(beginning) == String("head abcdefg".dropFirst(count)))
  }

  @Test("A client that takes less than a long answer lags, and gets the rest", arguments: [0, 1, 2])
  func cutInRest(count: Int) {
    var beginning = beginning("abcdefg")
    beginning.wrote(9)
    beginning.wrote(count)
    #expect(beginning.next == nil, "there is no room")
    #expect(owed(beginning) == String("efg".dropFirst(count)))
  }
}
