import Primitives

/// What a service tells the service manager, as the assignments of `sd_notify(3)`.
package enum ServiceNotice: Equatable, Sendable {
  /// The service has started, or has read its configuration again.
  case ready
  /// The service reads its configuration again. ``ready`` follows, whatever the result.
  case reloading(at: Instant)
  /// The service ends within a time, if that is known and may be longer than the unit allows.
  case stopping(within: Duration?)
  /// The loops of the service turn, and what an operator wants to know about it.
  case alive(status: String)

  /// The longest status, in bytes.
  static let statusMaximum = 256

  /// Whether the state of the service at the manager would be wrong if the notice were lost: ``alive(status:)`` is
  /// followed by another one.
  var isNeeded: Bool { if case .alive = self { false } else { true } }

  /// The datagram's text.
  var text: String {
    switch self {
    case .ready: "READY=1"
    // The manager tells by the time whether the notice follows its own request. systemd needs it from version 253 on.
    case .reloading(let now): "RELOADING=1\nMONOTONIC_USEC=\(now.nanoseconds / 1_000)"
    case .stopping(let limit?):
      "STOPPING=1\nEXTEND_TIMEOUT_USEC=\(max(0, limit.wholeNanoseconds / 1_000))"
    case .stopping(nil): "STOPPING=1"
    case .alive(let status): "WATCHDOG=1\nSTATUS=\(Self.line(status))"
    }
  }

  /// A text without line ends, each of which would begin another assignment: parts of it may come from a peer.
  private static func line(_ text: String) -> String {
    var line = ""
    LogEscape.appendText(text, to: &line)
    while line.utf8.count > statusMaximum { line.removeLast() }
    return line
  }
}
