/// The constants of the protocol between a hub and its edges. `PROTOCOL.md` describes every byte of it.
public enum RelayProtocol {
  /// What both sides offer in TLS's application-layer protocol negotiation (RFC 7301).
  public static let applicationProtocolName = "emojitrack-relay/1"

  /// The lowest version of the messages that this code speaks.
  public static let lowestVersion: UInt8 = 1

  /// The highest version of the messages that this code speaks.
  public static let highestVersion: UInt8 = 2

  /// From which version on a query may name the check of a place, or ask for a fence.
  public static let checkedQueriesVersion: UInt8 = 2

  /// The greatest value of a frame's length, in bytes: its type and its payload.
  public static let maximumLength = 1_048_576

  /// How many scores, ids or topics one message holds at most; what is longer is sent in several messages.
  ///
  /// With 64 bytes an id and 10 a total this stays below ``maximumLength``, and it bounds what a receiver
  /// must allocate for one message.
  public static let maximumItemsPerMessage = 8_192

  /// How many topics one edge may be interested in at a time.
  public static let maximumTopicsPerEdge = 65_536

  /// How many queries of one edge may be unanswered at a time; a hub answers those beyond with
  /// ``QueryOutcome/unavailable``.
  public static let maximumUnansweredQueries = 256

  /// How many ids the answer to a query for the order holds at most, in all its parts.
  public static let maximumOrderCount = 65_536

  /// The first bytes of a hello: `EMTR`.
  static let magic: [UInt8] = [0x45, 0x4d, 0x54, 0x52]
}
