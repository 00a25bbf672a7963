/// Draws emoji, some far more often than others, and generates tweets with them.
struct TweetGenerator {
  private let zipf: Zipf
  private var tweet: SyntheticTweet
  private var random: SplitMix64

  /// - Parameters:
  ///   - exponent: how uneven the frequencies are; 0 makes them equal.
  ///   - seed: the same seed gives the same tweets (except for their times); nil gives different ones in each run.
  init(exponent: Double, seed: UInt64?) {
    zipf = Zipf(count: EmojiCatalog.all.count, exponent: exponent)
    random = SplitMix64(seed: seed ?? UInt64.random(in: .min ... .max))
    tweet = SyntheticTweet(firstNumber: 1)
  }

  /// The next tweet.
  ///
  /// - Parameter second: its time, in seconds since 1970.
  mutating func next(second: Int64) -> FeedItem {
    let emoji = EmojiCatalog.all[zipf.draw(using: &random)]
    return FeedItem(
      id: Array(emoji.id.utf8), json: tweet.next(holding: emoji, second: second, using: &random))
  }
}

/// A small reproducible generator (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). Not for
/// secrets.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
