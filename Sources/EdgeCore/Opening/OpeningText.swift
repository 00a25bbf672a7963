import HTTP
import Primitives

/// The words with which a stream begins, or begins anew.
enum OpeningText {
  /// Why a client can not go on where it was.
  enum Reason: String {
    /// Nobody knows what came since the place that it named.
    case unknownPosition = "unknown_position"
    /// The totals in Redis went backwards, and have another history now.
    case newLineage = "new_lineage"
    /// More was told than Redis holds; the totals have the same history.
    case corrected
  }

  private static func name(_ text: String) -> EventName {
    guard let name = try? EventName(text.utf8) else { preconditionFailure("a bad name in our own code") }
    return name
  }

  private static let positionName = name("position")
  private static let resetName = name("reset")
  private static let snapshotName = name("snapshot")

  /// `event:reset`: what the client has added up is void.
  ///
  /// - Parameter place: from where the stream goes on; nil if a snapshot follows, which says it. A client that is cut off
  ///   in between must not come back as if it had the snapshot.
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

  /// `event:position`: a place alone, which becomes the client's last event id.
  ///
  /// It has a name, so that those who listen for messages do not hear of it, and data, without which some clients lose the id.
  static func position(_ place: ResumeToken) -> [UInt8] {
    var bytes: [UInt8] = []
    EventStream.append(name: positionName, data: Array("{}".utf8).span, id: EventID(place), to: &bytes)
    return bytes
  }
}

extension EventID {
  /// The id of an event with which a place is reached.
  init(_ place: ResumeToken) {
    guard let id = try? EventID(place.description.utf8) else {
      preconditionFailure("a token is longer than an id may be")
    }
    self = id
  }
}
