/// The constants of the protocol between a hub and its edges. `PROTOCOL.md` describes every byte of it.
package enum RelayProtocol {
  /// The name that both sides offer in TLS's application-layer protocol negotiation (RFC 7301).
  package static let applicationProtocolName = "emojitrack-relay/1"

  /// The lowest version of the messages that this code speaks.
  package static let lowestVersion: UInt8 = 1

  /// The highest version of the messages that this code speaks.
  package static let highestVersion: UInt8 = 3

  /// The first version in which a query may carry a check, or ask for a fence.
  package static let checkedQueriesVersion: UInt8 = 2

  /// The first version in which a hub sends keys of session tickets.
  package static let ticketKeysVersion: UInt8 = 3

  /// The greatest length of a frame, in bytes: its type and its payload.
  package static let maximumLength = 1_048_576

  /// The greatest number of scores, ids or topics in one message; longer lists are sent in several messages.
  ///
  /// With 64 bytes for an id and 10 for a total, this stays below ``maximumLength``, and bounds what a receiver must
  /// allocate for one message.
  package static let maximumItemsPerMessage = 8_192

  /// How many topics one edge may be interested in at a time.
  package static let maximumTopicsPerEdge = 65_536

  /// How many queries of one edge may be unanswered at a time; a hub answers further ones with
  /// ``QueryOutcome/unavailable``.
  package static let maximumUnansweredQueries = 256

  /// The greatest number of ids in the answer to a query for the order, in all its parts.
  package static let maximumOrderCount = 65_536

  /// The first bytes of a hello: `EMTR`.
  static let magic: [UInt8] = [0x45, 0x4d, 0x54, 0x52]
}
