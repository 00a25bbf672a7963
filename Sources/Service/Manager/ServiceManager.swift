import Primitives
import Reactor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The service manager that started the process, if it wants to know how the process is: systemd with `Type=notify`.
///
/// Its socket is named by `NOTIFY_SOCKET`, and `WATCHDOG_USEC` says how long it waits for a sign of life. Without the
/// former, nothing is sent. The manager may have no room for a datagram. What it must know is then sent again before
/// the next notice, in order.
package final class ServiceManager {
  /// The longest time between two signs of life. It limits the age of the status, too.
  static let longestPeriod = Duration.seconds(5)
  /// The most notices that wait; there are more only if reloads are asked for again and again meanwhile.
  static let waitingMaximum = 16

  private let address: SocketAddress?
  private var socket: DatagramSocket?
  private var waiting: [String] = []
  private var isStopping = false
  /// How often the process sends a sign of life (``ServiceNotice/alive(status:)``); nil if no manager waits for it.
  package let period: Duration?

  /// The manager of this process.
  package convenience init() {
    self.init(ProcessInfo.processInfo.environment, process: ProcessInfo.processInfo.processIdentifier)
  }

  init(_ environment: [String: String], process: Int32) {
    address = environment["NOTIFY_SOCKET"].flatMap { name in
      name.hasPrefix("@")
        ? SocketAddress(abstractName: String(name.dropFirst())) : SocketAddress(unixPath: name)
    }
    guard address != nil else {
      period = nil
      return
    }
    let isOurs = environment["WATCHDOG_PID"].map { $0 == String(process) } ?? true
    let limit = environment["WATCHDOG_USEC"].flatMap { Int64($0) }.flatMap { $0 > 0 && isOurs ? $0 : nil }
    // Two signs of life may be lost or late.
    period = limit.map { min(.microseconds($0) / 3, Self.longestPeriod) } ?? Self.longestPeriod
  }

  /// Tells the manager that the process reads its configuration again while the body runs.
  package func whileReloading<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    send(.reloading(at: MonotonicClock.now()))
    defer { send(.ready) }
    return try body()
  }

  /// Sends a notice. After ``ServiceNotice/stopping(within:)`` only signs of life are sent: the process does not become
  /// ready again.
  package func send(_ notice: ServiceNotice) {
    guard address != nil else { return }
    if notice.isNeeded, isStopping { return }
    if case .stopping = notice { isStopping = true }
    while let first = waiting.first, deliver(first) { waiting.removeFirst() }
    let isDelivered = waiting.isEmpty && deliver(notice.text)
    if !isDelivered, notice.isNeeded, waiting.count < Self.waitingMaximum { waiting.append(notice.text) }
  }

  /// Returns whether the manager's socket took the text.
  private func deliver(_ text: String) -> Bool {
    guard let address else { return false }
    do throws(SystemError) {
      if let socket { return try socket.send(Array(text.utf8)) }
      let opened = try DatagramSocket(to: address)
      socket = opened
      return try opened.send(Array(text.utf8))
    } catch {
      // The manager may have a new socket by the next time.
      socket = nil
      return false
    }
  }
}
