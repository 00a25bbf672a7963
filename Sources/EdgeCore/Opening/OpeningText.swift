import HTTP
import Primitives

/// The events with which a stream begins, or starts over.
enum OpeningText {
  /// Why a client cannot resume, or must start over.
  enum Reason: String {
    /// The events since the client's place are not known.
    case unknownPosition = "unknown_position"
    /// The totals in Redis went backwards, and have a new lineage.
    case newLineage = "new_lineage"
    /// The edge had sent more than Redis holds; the lineage stays the same.
    case corrected
  }

  private static func name(_ text: String) -> EventName {
    guard let name = try? EventName(text.utf8) else { preconditionFailure("a bad name in our own code") }
    return name
  }

  private static let positionName = name("position")
  private static let resetName = name("reset")
  private static let snapshotName = name("snapshot")

  /// `event:reset`: the client's sums are void.
  ///
  /// - Parameter place: where the stream continues; nil if a snapshot follows, which carries the place. A client that
  ///   is disconnected in between must not resume as if it had the snapshot.
  static func reset(_ reason: Reason, at place: ResumeToken? = nil) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { $0.member("reason", reason.rawValue) }
    var bytes: [UInt8] = []
    EventStream.append(name: resetName, data: writer.bytes.span, id: place.map { EventID($0) }, to: &bytes)
    return bytes
  }

  /// `event:snapshot` with all totals at a place.
  static func snapshot(_ totals: [(ScoreID, UInt64)], at place: ResumeToken) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(64 + totals.count * 20)
    EventStream.append(name: snapshotName, totals: totals, id: EventID(place), to: &bytes)
    return bytes
  }

  /// `event:position`: only a place, which becomes the client's last event id.
  ///
  /// It has a name, so that listeners for messages do not receive it, and data, because some clients drop an id
  /// without it.
  static func position(_ place: ResumeToken) -> [UInt8] {
    var bytes: [UInt8] = []
    EventStream.append(name: positionName, data: Array("{}".utf8).span, id: EventID(place), to: &bytes)
    return bytes
  }
}

extension EventID {
  /// The id of an event that reaches a place.
  init(_ place: ResumeToken) {
    guard let id = try? EventID(place.description.utf8) else {
      preconditionFailure("a token is longer than an id may be")
    }
    self = id
  }
}
