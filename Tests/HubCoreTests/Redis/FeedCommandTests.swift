import Testing

@testable import HubCore

@Suite struct FeedCommandTests {
  @Test("A refusal does not repeat the arguments of a command that Redis does not know")
  func arguments() {
    let refusal = FeedRefusal(
      request: "AUTH", message: "ERR unknown command 'AUTH', with args beginning with: 'secret' ")
    #expect(refusal.message == "ERR unknown command 'AUTH'")
    #expect(!refusal.description.contains("secret"))
  }

  @Test("Of a discarded transaction only the reason counts")
  func discarded() {
    let refusal = FeedRefusal(
      request: "EXEC", message: "EXECABORT Transaction discarded because of: NOPERM no 'exec'")
    #expect(refusal.isMissingRight && refusal.message == "NOPERM no 'exec'")
    let bare = FeedRefusal(
      request: "EXEC", message: "EXECABORT Transaction discarded because of previous errors.")
    #expect(bare.message.hasPrefix("EXECABORT") && bare.remedy == nil)
  }

  @Test(
    "A refusal names the remedy, if there is one",
    arguments: [
      ("NOPERM x", "grant it"), ("CROSSSLOT Keys in request don't hash to the same slot", "{emojitrack}"),
      ("MOVED 3999 127.0.0.1:6381", "127.0.0.1:6381, in redis.url"),
      ("ERR unknown command 'EXEC', with args beginning with: ", "rename-command"),
      ("CLUSTERDOWN Hash slot not served", "wait"), ("WRONGTYPE x", nil),
    ])
  func remedies(message: String, words: String?) throws {
    let refusal = FeedRefusal(request: "x", message: message)
    #expect((refusal.remedy == nil) == (words == nil))
    if let words { #expect(try #require(refusal.remedy).contains(words)) }
  }
}
