import Foundation

/// Makes one thread of a process stand still while the others run, as a debugger does (`ptrace(2)`), until it is told
/// to let the thread go on.
final class ThreadStopper {
  private let debugger: ChildProcess

  /// - Parameters:
  ///   - thread: the name of the thread, as `top -H` shows it.
  ///   - folder: for the log.
  init(_ thread: String, of process: pid_t, in folder: URL) throws {
    // A tracer is a thread, and must wait for the thread that it stops: Python waits in a process of its own.
    let script = """
      import ctypes, os, signal, sys
      process, name = sys.argv[1:]
      tasks = f"/proc/{process}/task"
      thread = next(int(t) for t in os.listdir(tasks) if open(f"{tasks}/{t}/comm").read().strip() == name)
      ptrace = ctypes.CDLL(None, use_errno=True).ptrace
      ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
      SEIZE, INTERRUPT, WALL = 0x4206, 0x4207, 0x40000000
      if ptrace(SEIZE, thread, None, None) or ptrace(INTERRUPT, thread, None, None):
        sys.exit(os.strerror(ctypes.get_errno()))
      os.waitpid(thread, WALL)
      print("stopped", flush=True)
      signal.pause()
      """
    let debugger = try ChildProcess(
      "debugger", "python3", ["-c", script, String(process), thread],
      log: folder.appending(path: "debugger-\(thread).log").path)
    self.debugger = debugger
    try wait(for: "\(thread) to stand still") {
      if let end = debugger.poll() { throw TimedOut(description: "the debugger \(end): \(debugger.log)") }
      return debugger.log.contains("stopped")
    }
  }

  /// Lets the thread go on: the kernel detaches a tracer that ends.
  func resume() { debugger.kill() }
}
