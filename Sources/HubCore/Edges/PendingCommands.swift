import Primitives
import Wire

/// The commands that edges have not answered yet.
///
/// An answer counts only if it comes in time, over the link that the command was sent on; any other is ignored.
package struct PendingCommands<Ticket> {
  /// How long an edge may take to answer.
  package static var limit: Duration { .seconds(5) }

  private struct Entry {
    let link: Int
    let deadline: Instant
    let ticket: Ticket
  }

  private var entries: [UInt64: Entry] = [:]
  private var lastID: UInt64 = 0

  /// No commands.
  package init() {}

  /// When the next command times out; nil if there is none.
  package var deadline: Instant? { entries.values.map(\.deadline).min() }

  /// A command is about to be sent.
  ///
  /// - Parameter ticket: returned with the outcome.
  /// - Returns: the id to send it with.
  package mutating func sent(over link: Int, ticket: Ticket, now: Instant) -> UInt64 {
    lastID += 1
    entries[lastID] = Entry(link: link, deadline: now.advanced(by: Self.limit), ticket: ticket)
    return lastID
  }

  /// An answer arrived. Returns the ticket of its command; nil if the command is unknown.
  package mutating func answered(_ result: CommandResult, over link: Int) -> Ticket? {
    guard let entry = entries[result.id], entry.link == link else { return nil }
    entries[result.id] = nil
    return entry.ticket
  }

  /// A link ended. Returns the tickets of its commands, in the order of sending.
  package mutating func linkEnded(_ link: Int) -> [Ticket] { take { $0.link == link } }

  /// Time has passed. Returns the tickets of the commands that timed out, in the order of sending.
  package mutating func timerTriggered(now: Instant) -> [Ticket] { take { $0.deadline <= now } }

  private mutating func take(_ isTaken: (Entry) -> Bool) -> [Ticket] {
    let taken = entries.filter { isTaken($0.value) }.sorted { $0.key < $1.key }
    for (id, _) in taken { entries[id] = nil }
    return taken.map(\.value.ticket)
  }
}
