/// A hub's command that is answered later.
struct HubOrder: Sendable {
  /// Why the command needs the state of all workers.
  enum Purpose: Sendable {
    /// To report the edge's state.
    case state
    /// To divide a number of clients among the workers, which release them over the window.
    case shed(clients: Int, window: Duration)
    /// To report the number of clients that were closed.
    case closed
    /// To send a page of the list of streaming clients.
    case connections(offset: Int, limit: Int)
  }

  /// The index of the hub.
  let hub: Int
  /// The hub's id for the command.
  let id: UInt64
}
