/// What a ``FeedMachine`` needs to know.
public struct FeedConfiguration: Sendable {
  /// How long each thing may take.
  public struct Timing: Equatable, Sendable {
    /// From a connection that is made until both are, logged in and subscribed.
    public var setupTimeout: Duration = .seconds(5)
    /// From a fence's commands until both its totals and its nonce are there.
    public var fenceTimeout: Duration = .seconds(5)
    /// How long nothing may come before the flow is probed.
    public var probeAfter: Duration = .seconds(5)
    /// From a probe until something must have come.
    public var probeTimeout: Duration = .seconds(5)
    /// From a fence to the next one.
    public var fenceInterval: Duration = .seconds(30)
    /// From a fence that adopted something, while nothing is told, to the one that confirms it.
    public var confirmingFenceInterval: Duration = .milliseconds(50)
    /// From a fence that found no sorted set to the next one, at most.
    public var absentFenceInterval: Duration = .seconds(1)
    /// For how long messages may come while nothing counts them before the hub counts for itself.
    public var absenceMaximum: Duration = .seconds(5)
    /// From a fence that found nothing to rely on to the next one.
    public var unanchoredFenceInterval: Duration = .seconds(5)
    /// From a fence after which something was adopted or corrected to the next one, at most.
    public var settlingFenceInterval: Duration = .seconds(1)
    /// From a fence that found drift to the next one, at most.
    public var probationFenceInterval: Duration = .milliseconds(200)
    /// From one time that refused rights are asked for to the next one.
    public var refusalInterval: Duration = .seconds(5)
    /// The first wait before connecting again.
    public var reconnectMinimum: Duration = .milliseconds(50)
    /// The longest wait before connecting again.
    public var reconnectMaximum: Duration = .seconds(5)

    /// The customary times.
    public init() {}

    /// From a fence to the next one.
    func interval(_ pace: FencePace) -> Duration {
      switch pace {
      case .routine: fenceInterval
      case .settling: min(settlingFenceInterval, fenceInterval)
      case .confirming: min(confirmingFenceInterval, fenceInterval)
      case .probation: min(probationFenceInterval, fenceInterval)
      }
    }
  }

  /// Keys and channels.
  public var names = FeedNames()
  /// How long things may take.
  public var timing = Timing()
  /// Whom to log in as; nil is Redis's default user.
  public var user: String?
  /// The password; nil where Redis asks for none.
  public var password: String?
  /// The number of the database.
  public var database = 0
  /// What `CLIENT LIST` calls the connections; printable ASCII without spaces.
  public var clientName = "emojitrack-hub"
  /// Whether to subscribe to the kiosk's channels.
  public var isInteractionEnabled = false

  /// Nothing to log in with, database 0, no interaction.
  public init() {}
}

extension FeedConfiguration: CustomReflectable {
  /// No parts: the password must not be shown.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
