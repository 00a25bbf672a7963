import Primitives
import Wire

/// The commands that edges have not answered yet.
///
/// An answer counts only if it comes over the link on which the command went, and in time; any other is ignored.
public struct PendingCommands<Ticket> {
  /// How long an edge may take.
  public static var limit: Duration { .seconds(5) }

  private struct Entry {
    let link: Int
    let deadline: Instant
    let ticket: Ticket
  }

  private var entries: [UInt64: Entry] = [:]
  private var lastID: UInt64 = 0

  /// None.
  public init() {}

  /// When the next one is given up; nil if there is none.
  public var deadline: Instant? { entries.values.map(\.deadline).min() }

  /// A command is about to be sent.
  ///
  /// - Parameter ticket: given back with what becomes of it.
  /// - Returns: the id to send it with.
  public mutating func sent(over link: Int, ticket: Ticket, now: Instant) -> UInt64 {
    lastID += 1
    entries[lastID] = Entry(link: link, deadline: now.advanced(by: Self.limit), ticket: ticket)
    return lastID
  }

  /// An answer came. Returns whose it is; nil if nobody waits for it.
  public mutating func answered(_ result: CommandResult, over link: Int) -> Ticket? {
    guard let entry = entries[result.id], entry.link == link else { return nil }
    entries[result.id] = nil
    return entry.ticket
  }

  /// A link has ended. Returns who waited for it, in the order of asking.
  public mutating func linkEnded(_ link: Int) -> [Ticket] { take { $0.link == link } }

  /// Time went by. Returns who has waited too long, in the order of asking.
  public mutating func timerTriggered(now: Instant) -> [Ticket] { take { $0.deadline <= now } }

  private mutating func take(_ isTaken: (Entry) -> Bool) -> [Ticket] {
    let taken = entries.filter { isTaken($0.value) }.sorted { $0.key < $1.key }
    for (id, _) in taken { entries[id] = nil }
    return taken.map(\.value.ticket)
  }
}
