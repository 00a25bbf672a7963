import Primitives
import Testing

@testable import Feeder

@Suite("EmojiCatalog")
struct EmojiCatalogTests {
  private let all = EmojiCatalog.all

  @Test("knows more than a thousand, each once")
  func count() {
    #expect(all.count > 1500)
    #expect(Set(all.map(\.id)).count == all.count)
  }

  @Test("begins with the favourites")
  func favourites() {
    #expect(Array(all.prefix(EmojiCatalog.favourites.count).map(\.id)) == EmojiCatalog.favourites)
    #expect(EmojiCatalog.favourites.prefix(4) == ["1F602", "2764", "267B", "2665"])
  }

  @Test(
    "knows keycaps, flags and old symbols",
    arguments: ["0023-20E3", "0039-20E3", "1F1EF-1F1F5", "00A9", "1F4C2"])
  func known(id: String) {
    #expect(all.contains { $0.id == id })
  }

  @Test("omits parts of emoji", arguments: ["0023", "0039", "1F1E6", "1F3FB", "FE0F"])
  func unknown(id: String) {
    #expect(!all.contains { $0.id == id })
  }

  @Test("names them by the code points that they are written with")
  func names() throws {
    for emoji in all {
      let scalars = emoji.text.unicodeScalars.filter { $0 != "\u{fe0f}" }.map(\.value)
      #expect(emoji.id.split(separator: "-").map { UInt32($0, radix: 16) } == scalars)
      #expect(emoji.id.split(separator: "-").allSatisfy { $0.utf8.count >= 4 && $0 == $0.uppercased() })
      #expect(emoji.text.count == 1, "\(emoji.id) is not one character")
      _ = try ScoreID(emoji.id)
    }
  }

  @Test("knows 258 flags")
  func flags() {
    #expect(all.count { $0.id.hasPrefix("1F1") && $0.id.utf8.contains(UInt8(ascii: "-")) } == 258)
  }
}
