/// The configuration of a ``FeedMachine``.
public struct FeedConfiguration: Sendable {
  /// The time limits and intervals of the feed.
  public struct Timing: Equatable, Sendable {
    /// From the first connection until both connections are logged in and subscribed.
    public var setupTimeout: Duration = .seconds(5)
    /// From a fence's commands until both its totals and its nonce have arrived.
    public var fenceTimeout: Duration = .seconds(5)
    /// The silence after which the flow is probed.
    public var probeAfter: Duration = .seconds(5)
    /// From a probe until something must have arrived.
    public var probeTimeout: Duration = .seconds(5)
    /// From a fence to the next one.
    public var fenceInterval: Duration = .seconds(30)
    /// From a fence that adopted something, while its totals are held back, to the fence that confirms it.
    public var confirmingFenceInterval: Duration = .milliseconds(50)
    /// From a fence that found no sorted set to the next one, at most.
    public var absentFenceInterval: Duration = .seconds(1)
    /// How long messages may arrive without being counted in Redis before the hub counts for itself.
    public var absenceMaximum: Duration = .seconds(5)
    /// From a fence that found no reliable totals to the next one.
    public var unanchoredFenceInterval: Duration = .seconds(5)
    /// From a fence after which something was adopted or corrected to the next one, at most.
    public var settlingFenceInterval: Duration = .seconds(1)
    /// From a fence that found drift to the next one, at most.
    public var probationFenceInterval: Duration = .milliseconds(200)
    /// The interval of requests for refused rights.
    public var refusalInterval: Duration = .seconds(5)
    /// The first wait before reconnecting.
    public var reconnectMinimum: Duration = .milliseconds(50)
    /// The longest wait before reconnecting.
    public var reconnectMaximum: Duration = .seconds(5)

    /// The default times.
    public init() {}

    /// The interval to the next fence.
    func interval(_ pace: FencePace) -> Duration {
      switch pace {
      case .routine: fenceInterval
      case .settling: min(settlingFenceInterval, fenceInterval)
      case .confirming: min(confirmingFenceInterval, fenceInterval)
      case .probation: min(probationFenceInterval, fenceInterval)
      }
    }
  }

  /// The keys and channels.
  public var names = FeedNames()
  /// The time limits and intervals.
  public var timing = Timing()
  /// The user to log in as; nil for Redis's default user.
  public var user: String?
  /// The password; nil if Redis requires none.
  public var password: String?
  /// The number of the database.
  public var database = 0
  /// The name of the connections in `CLIENT LIST`; printable ASCII without spaces.
  public var clientName = "emojitrack-hub"
  /// Whether to subscribe to the kiosk's channels.
  public var isInteractionEnabled = false

  /// No credentials, database 0, no interaction.
  public init() {}
}

extension FeedConfiguration: CustomReflectable {
  /// Empty, because the password must not be shown.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
