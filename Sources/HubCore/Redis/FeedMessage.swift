import Primitives
import Wire

/// Why something from Redis was rejected. The raw values are words for logs and metrics.
package enum RejectReason: String, Equatable, Sendable, CaseIterable {
  /// A message on a channel that the hub did not subscribe to.
  case channelUnknown = "channel_unknown"
  /// A tweet for an id that is not 1 to 64 bytes of `[A-Za-z0-9_-]`.
  case topicInvalid = "topic_invalid"
  /// An interaction channel that is not 1 to 128 bytes of `[A-Za-z0-9._-]`.
  case interactionChannelInvalid = "interaction_channel_invalid"
  /// A payload of more than 65,536 bytes.
  case payloadTooLong = "payload_too_long"
  /// A payload that is not UTF-8.
  case payloadInvalidUTF8 = "payload_invalid_utf8"
  /// An empty score id.
  case idEmpty = "id_empty"
  /// A score id of more than 64 bytes.
  case idTooLong = "id_too_long"
  /// A score id that is not UTF-8.
  case idInvalidUTF8 = "id_invalid_utf8"
  /// A score id with a control character.
  case idControlCharacter = "id_control_character"
  /// A total that is not a whole number.
  case totalInvalid = "total_invalid"
  /// A total below 0, and increments of its id.
  case totalNegative = "total_negative"
  /// A total of 2⁵³ or more, above which Redis cannot count, and increments of its id.
  case totalTooLarge = "total_too_large"
}

extension RejectReason {
  /// What such a total is, and what happens to it.
  package var explanation: String {
    switch self {
    case .totalInvalid: "a total must be a whole number; increments of the id are rejected until it is"
    case .totalNegative: "a total must not be below 0; increments of the id are rejected until it is not"
    case .totalTooLarge:
      "Redis adds nothing to a total of 9007199254740992 (2^53) or more; increments of the id are rejected"
    case .idEmpty: "an id must not be empty"
    case .idTooLong: "an id may have at most 64 bytes"
    case .idInvalidUTF8: "an id must be UTF-8"
    case .idControlCharacter: "an id must not have control characters"
    case .channelUnknown, .topicInvalid, .interactionChannelInvalid, .payloadTooLong, .payloadInvalidUTF8:
      rawValue
    }
  }

  init(_ error: ScoreIDError) {
    switch error {
    case .empty: self = .idEmpty
    case .tooLong: self = .idTooLong
    case .invalidUTF8: self = .idInvalidUTF8
    case .controlCharacter: self = .idControlCharacter
    }
  }
}

extension RejectReason {
  init(_ error: TopicEventError) {
    switch error {
    case .payloadTooLong: self = .payloadTooLong
    case .invalidUTF8: self = .payloadInvalidUTF8
    }
  }
}

/// The meaning of a published message.
package enum FeedMessage: Equatable, Sendable {
  /// One increment of an id.
  case increment(ScoreID)
  /// A tweet for the clients that watch an id, or an event for kiosk displays. Its stamp is set later: see
  /// ``TopicQueue``.
  case topicEvent(TopicEvent)
  /// A fence or probe of this hub or another one.
  case fence(nonce: [UInt8])
  /// A message that cannot be delivered.
  case rejected(RejectReason)
}

/// Classifies messages by their channel, and validates their contents.
package struct FeedClassifier: Sendable {
  private let scoreUpdates: [UInt8]
  private let tweetUpdatesPrefix: [UInt8]
  private let interactionPrefix: [UInt8]
  private let fences: [UInt8]

  /// A classifier for channels with these names.
  package init(names: FeedNames) {
    scoreUpdates = Array(names.scoreUpdates.utf8)
    tweetUpdatesPrefix = Array(names.tweetUpdatesPrefix.utf8)
    interactionPrefix = Array(names.interactionPrefix.utf8)
    fences = Array(names.fences.utf8)
  }

  /// The meaning of a message.
  package func classify(channel: [UInt8], payload: [UInt8]) -> FeedMessage {
    if channel == scoreUpdates {
      do throws(ScoreIDError) { return .increment(try ScoreID(payload)) } catch {
        return .rejected(RejectReason(error))
      }
    }
    if channel.starts(with: tweetUpdatesPrefix) {
      guard let id = TopicID(channel[tweetUpdatesPrefix.count...]) else { return .rejected(.topicInvalid) }
      return Self.topicEvent(.details(id), payload)
    }
    if channel == fences { return .fence(nonce: payload) }
    if channel.starts(with: interactionPrefix) {
      guard let name = ChannelName(channel) else { return .rejected(.interactionChannelInvalid) }
      return Self.topicEvent(.interaction(name), payload)
    }
    return .rejected(.channelUnknown)
  }

  private static func topicEvent(_ source: TopicEvent.Source, _ payload: [UInt8]) -> FeedMessage {
    do throws(TopicEventError) {
      return .topicEvent(try TopicEvent(stamp: .origin, source: source, payload: payload))
    } catch {
      return .rejected(RejectReason(error))
    }
  }
}
