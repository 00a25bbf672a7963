import Glibc

/// Listening sockets passed by the parent process: systemd's socket activation (`sd_listen_fds(3)`). They outlive the
/// process, so that no client is refused while it is replaced.
package struct PassedSockets: Sendable {
  /// The first passed descriptor (`SD_LISTEN_FDS_START`).
  static let firstDescriptor: Int32 = 3

  /// A socket and its name (`FileDescriptorName=`).
  package struct Entry: Sendable {
    /// The name; empty if it has none.
    package let name: String
    /// The socket.
    package let socket: ListeningSocket
  }

  /// The passed sockets, in their order.
  package let entries: [Entry]

  /// Takes the sockets announced by the variables `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES`. To be called once,
  /// before any other descriptor is opened.
  ///
  /// - Throws: ``SystemError`` if a passed descriptor is no listening socket.
  package init(environment: [String: String]) throws(SystemError) {
    var entries: [Entry] = []
    for (index, name) in Self.names(environment, process: getpid()).enumerated() {
      let number = Self.firstDescriptor + Int32(index)
      guard let address = Socket.localAddress(of: number), Socket.isListening(number) else {
        throw SystemError(call: "a socket that was passed", code: ENOTSOCK)
      }
      _ = fcntl(number, F_SETFD, FD_CLOEXEC)
      _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
      let socket = ListeningSocket(passed: FileDescriptor(owning: number), on: address)
      entries.append(Entry(name: name, socket: socket))
    }
    self.entries = entries
  }

  /// The names of the descriptors passed to a process, from ``firstDescriptor`` on; empty if there are none.
  static func names(_ environment: [String: String], process: Int32) -> [String] {
    guard environment["LISTEN_PID"].flatMap({ Int32($0) }) == process,
      let count = environment["LISTEN_FDS"].flatMap({ Int($0) }), (1...1_024).contains(count)
    else { return [] }
    let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
    return (0..<count).map { index in
      // systemd's name for descriptors without one.
      index < names.count && names[index] != "unknown" ? String(names[index]) : ""
    }
  }
}
