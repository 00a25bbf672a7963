import Primitives

/// Generates tweets in emojitrack's format: JSON with an id, a text, the author, links and a time.
///
/// The texts are chosen to break careless code: quotes, backslashes, line breaks, markup, wide and right-to-left
/// characters, joined emoji. The ids count up, so each is unique.
struct SyntheticTweet: Sendable {
  private var number: UInt64
  private var second: Int64?
  private var createdAt: [UInt8] = []

  /// - Parameter number: the id of the first tweet.
  init(firstNumber number: UInt64) {
    self.number = number
  }

  /// The next tweet, as UTF-8 JSON on one line.
  ///
  /// - Parameters:
  ///   - emoji: the emoji in its text.
  ///   - second: the time of the tweet, in seconds since 1970, UTC.
  mutating func next(
    holding emoji: Emoji, second: Int64, using random: inout some RandomNumberGenerator
  ) -> [UInt8] {
    if self.second != second {
      self.second = second
      createdAt = Array(Self.timestamp(second).utf8)
    }
    let author = Self.authors[Int(random.next(upperBound: UInt64(Self.authors.count)))]
    let phrase = Self.phrases[Int(random.next(upperBound: UInt64(Self.phrases.count)))]
    let hasLink = random.next(upperBound: 8 as UInt64) == 0

    var json: [UInt8] = []
    json.reserveCapacity(512)
    json.append(contentsOf: #"{"id":""#.utf8)
    json.append(contentsOf: String(number).utf8)
    json.append(contentsOf: #"","text":""#.utf8)
    json.append(contentsOf: phrase.before)
    json.append(contentsOf: emoji.text.utf8)
    json.append(contentsOf: phrase.behind)
    json.append(contentsOf: #"","#.utf8)
    json.append(contentsOf: author)
    json.append(contentsOf: hasLink ? Self.link : Self.noLink)
    json.append(contentsOf: createdAt)
    json.append(contentsOf: #""}"#.utf8)
    number &+= 1
    return json
  }

  private struct Phrase {
    let before: [UInt8]
    let behind: [UInt8]

    init(_ before: String, _ behind: String) {
      self.before = Array(before.jsonEscaped.utf8)
      self.behind = Array(behind.jsonEscaped.utf8)
    }
  }

  private static let phrases = [
    Phrase("", ""),
    Phrase("good morning ", ""),
    Phrase("she said \"no\" ", " and left"),
    Phrase("C:\\new\\table ", " \\"),
    Phrase("first line\nsecond ", "\r\n\tthird"),
    Phrase("<script>alert('", "')</script> &amp;"),
    Phrase("おはよう", "、今日もいい天気"),
    Phrase("مرحبا ", " \u{200f}كيف الحال؟"),
    Phrase("naïve café — ", " “quoted” …"),
    Phrase("👩‍👩‍👧‍👦 ", " 👍🏽"),
    Phrase("\u{2028}odd breaks\u{2029}\u{85} ", " \u{0}\u{7f}"),
    Phrase("data: x\n\nevent: forged ", "\n\n"),
    Phrase(String(repeating: "so ", count: 60), " long"),
  ]

  /// The fields of the authors, as prepared JSON.
  private static let authors: [[UInt8]] = [
    ("jo", "Jo"), ("max_power", "Max \"Power\" Müller"), ("user_0042", "</b>user"), ("hana", "花"),
    ("o_neill", "O'Neill \\ Co"),
    ("a", ""), ("the_longest_one", "Ж🎈é"),
  ].map { screenName, name in
    Array(
      """
      "screen_name":"\(screenName)","name":"\(name.jsonEscaped)",\
      "profile_image_url":"http://images.example/profile/\(screenName)_normal.png",
      """.utf8)
  }

  private static let noLink = Array(#""links":[],"created_at":""#.utf8)
  private static let link = Array(
    #"""
    "links":[{"url":"http://t.example/a?b=1&c=%22","expanded_url":"http://example.org/\"quoted\"/é",\#
    "display_url":"example.org/…","indices":[0,23]}],"created_at":"
    """#.utf8)

  /// A moment in ISO 8601: `2013-07-04T18:00:00Z`.
  static func timestamp(_ second: Int64) -> String { CalendarTime(unixSeconds: second).iso8601 + "Z" }
}

extension String {
  /// The text for use inside quotes in JSON (RFC 8259 section 7).
  fileprivate var jsonEscaped: String {
    var escaped = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": escaped += "\\\""
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\r": escaped += "\\r"
      case "\t": escaped += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        escaped += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
