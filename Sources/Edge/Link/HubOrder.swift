/// A command of a hub that is answered later.
struct HubOrder: Sendable {
  /// What the state of all workers is needed for.
  enum Purpose: Sendable {
    /// To say how the edge stands now.
    case state
    /// To share a number of clients out among the workers, who let them go over the window.
    case shed(clients: Int, window: Duration)
    /// To say how many clients were let go.
    case closed
    /// To send a page of the list of streaming clients.
    case connections(offset: Int, limit: Int)
  }

  /// Which of the hubs.
  let hub: Int
  /// What names the command there.
  let id: UInt64
}
