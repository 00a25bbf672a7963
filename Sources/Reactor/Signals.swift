import Glibc

/// A signal that asks the process to do something.
package enum ProcessSignal: CaseIterable, Sendable {
  /// SIGINT: Ctrl-C.
  case interrupt
  /// SIGTERM: the service manager asks the process to end.
  case terminate
  /// SIGHUP: files may have changed.
  case hangUp

  var number: Int32 {
    switch self {
    case .interrupt: SIGINT
    case .terminate: SIGTERM
    case .hangUp: SIGHUP
    }
  }
}

/// Signals without signal handlers: they stay blocked until one thread takes them.
package enum Signals {
  /// Blocks the signals in the calling thread and in all threads that it will start, and ignores SIGPIPE, so that
  /// writing to a closed connection is an error and does not end the process.
  ///
  /// To be called before the first thread is started: a signal to a thread that does not block it would kill the
  /// process.
  package static func block() {
    var set = requests
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    ignoreBrokenPipes()
  }

  /// Ignores SIGPIPE, and leaves all other signals unchanged: they can end the process at any time.
  package static func ignoreBrokenPipes() {
    signal(SIGPIPE, SIG_IGN)
  }

  /// Starts a thread, for the rest of the process's life, that calls `receive` for each signal.
  ///
  /// `block` must have been called. `receive` runs on that thread: it posts into a loop and returns.
  package static func deliver(to receive: @escaping @Sendable (ProcessSignal) -> Void) {
    start(receive)
  }

  /// The same; returns the thread.
  @discardableResult
  static func start(_ receive: @escaping @Sendable (ProcessSignal) -> Void) -> pthread_t {
    do {
      return try LoopThread.start("signals") { wait(receive) }
    } catch {
      preconditionFailure("no thread for signals could be started: \(error)")
    }
  }

  private static func wait(_ receive: @Sendable (ProcessSignal) -> Void) -> Never {
    var set = requests
    while true {
      var number: Int32 = 0
      guard unsafe sigwait(&set, &number) == 0 else { continue }
      if let signal = ProcessSignal.allCases.first(where: { $0.number == number }) { receive(signal) }
    }
  }

  private static var requests: sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in ProcessSignal.allCases { unsafe sigaddset(&set, signal.number) }
    return set
  }
}
