/// An emoji in a tweet.
struct Emoji: Hashable, Sendable {
  /// Its name as a score id: its code points in upper-case hexadecimal, at least four digits each, joined by hyphens,
  /// without variation selectors: `1F602`, `2764`, `0023-20E3`, `1F1EF-1F1F5`.
  let id: String
  /// Its text, with a variation selector where it would be displayed as a plain character otherwise.
  let text: String
}

/// The emoji to count: the most popular ones of emojitrack first, then all others in the order of their code points.
///
/// They come from the properties of Unicode scalars in the standard library, so a newer toolchain may have more. As
/// in emojitrack, sequences of several people or with skin tones are not included.
enum EmojiCatalog {
  /// All emoji, each once; more than a thousand.
  static let all: [Emoji] = {
    let known = symbols + keycaps + flags
    let favouriteIDs = Set(favourites)
    let byID = Dictionary(uniqueKeysWithValues: known.map { ($0.id, $0) })
    return favourites.compactMap { byID[$0] } + known.filter { !favouriteIDs.contains($0.id) }
  }()

  /// The approximate ranking at the end of emojitrack's first years.
  static let favourites = """
    1F602 2764 267B 2665 1F60D 1F62D 1F60A 1F612 1F495 1F618 1F629 263A 1F44C 1F614 1F60F 1F601 1F633 1F44D 270C 1F609 \
    1F60C 1F481 1F64F 1F3B6 1F622 1F60E 1F648 1F525 1F605 1F440 2728 1F604 1F62A 1F61E 1F449 1F621 1F60B 1F499 1F634 \
    1F494 1F49C 1F389 1F64C 1F4AF 1F44F 1F4AA 1F61C 1F496 1F611 1F615 1F493 1F339 2600
    """.split(separator: " ").map(String.init)

  private static var symbols: [Emoji] {
    (0x80...0x1ffff).compactMap { Unicode.Scalar($0 as UInt32) }
      .filter { $0.properties.isEmoji && !$0.properties.isEmojiModifier && !$0.isRegionalIndicator }
      .map { scalar in
        Emoji(
          id: id(of: [scalar]),
          text: scalar.properties.isEmojiPresentation ? "\(scalar)" : "\(scalar)\u{fe0f}")
      }
  }

  private static var keycaps: [Emoji] {
    "#*0123456789".unicodeScalars.map { Emoji(id: id(of: [$0, "\u{20e3}"]), text: "\($0)\u{fe0f}\u{20e3}") }
  }

  private static var flags: [Emoji] {
    regions.map { region in
      let letters = region.utf8.compactMap { Unicode.Scalar(0x1f1e6 + UInt32($0 - UInt8(ascii: "A"))) }
      return Emoji(id: id(of: letters), text: String(String.UnicodeScalarView(letters)))
    }
  }

  private static func id(of scalars: [Unicode.Scalar]) -> String {
    scalars.map { scalar in
      let digits = String(scalar.value, radix: 16, uppercase: true)
      return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }.joined(separator: "-")
  }

  /// The regions that have a flag in Unicode: ISO 3166-1 alpha-2 and a few of its reserved codes (UTS #51, RGI flags).
  private static let regions = """
    AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
    CA CC CD CF CG CH CI CK CL CM CN CO CP CR CU CV CW CX CY CZ DE DG DJ DK DM DO DZ EA EC EE EG EH ER ES ET EU FI FJ \
    FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE IL IM IN IO IQ IR \
    IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM \
    MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT \
    PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL \
    TM TN TO TR TT TV TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
    """.split(separator: " ").map(String.init)
}

extension Unicode.Scalar {
  /// True for the 26 letters that form flags.
  fileprivate var isRegionalIndicator: Bool { (0x1f1e6...0x1f1ff).contains(value) }
}
