/// The configuration of a ``FeedMachine``.
package struct FeedConfiguration: Sendable {
  /// The time limits and intervals of the feed.
  package struct Timing: Equatable, Sendable {
    /// From the first connection until both connections are logged in and subscribed.
    package var setupTimeout: Duration = .seconds(5)
    /// From a fence's commands until both its totals and its nonce have arrived.
    package var fenceTimeout: Duration = .seconds(5)
    /// The silence after which the flow is probed.
    package var probeAfter: Duration = .seconds(5)
    /// From a probe until something must have arrived.
    package var probeTimeout: Duration = .seconds(5)
    /// From a fence to the next one.
    package var fenceInterval: Duration = .seconds(30)
    /// From a fence that adopted something, while its totals are held back, to the fence that confirms it.
    package var confirmingFenceInterval: Duration = .milliseconds(50)
    /// From a fence that found no sorted set to the next one, at most.
    package var absentFenceInterval: Duration = .seconds(1)
    /// How long messages may arrive without being counted in Redis before the hub counts for itself.
    package var absenceMaximum: Duration = .seconds(5)
    /// From a fence that found no reliable totals to the next one.
    package var unanchoredFenceInterval: Duration = .seconds(5)
    /// From a fence after which something was adopted or corrected to the next one, at most.
    package var settlingFenceInterval: Duration = .seconds(1)
    /// From a fence that found drift to the next one, at most.
    package var probationFenceInterval: Duration = .milliseconds(200)
    /// The interval of requests for refused rights.
    package var refusalInterval: Duration = .seconds(5)
    /// The first wait before reconnecting.
    package var reconnectMinimum: Duration = .milliseconds(50)
    /// The longest wait before reconnecting.
    package var reconnectMaximum: Duration = .seconds(5)

    /// The default times.
    package init() {}

    /// The interval to the next fence.
    func interval(_ pace: FencePace) -> Duration {
      switch pace {
      case .routine: fenceInterval
      case .settling: min(settlingFenceInterval, fenceInterval)
      case .confirming: min(confirmingFenceInterval, fenceInterval)
      case .confirmation: min(probationFenceInterval, fenceInterval)
      }
    }
  }

  /// The keys and channels.
  package var names = FeedNames()
  /// The time limits and intervals.
  package var timing = Timing()
  /// The user to log in as; nil for Redis's default user.
  package var user: String?
  /// The password; nil if Redis requires none.
  package var password: String?
  /// The number of the database.
  package var database = 0
  /// The name of the connections in `CLIENT LIST`; printable ASCII without spaces.
  package var clientName = "emojitrack-hub"
  /// Whether to subscribe to the kiosk's channels.
  package var isInteractionEnabled = false

  /// No credentials, database 0, no interaction.
  package init() {}
}

extension FeedConfiguration: CustomReflectable {
  /// Empty, because the password must not be shown.
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
