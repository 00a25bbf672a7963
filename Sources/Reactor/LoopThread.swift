import CLinux
import Glibc

/// Starts threads. All objects of a loop are created inside its own thread, and so cannot leave it.
package enum LoopThread {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Runs the body on a new, detached thread.
  ///
  /// A thread with its own descriptor table knows the descriptors that were open when it started, and those that it
  /// opens itself: **a descriptor opened later by another thread means nothing, or another file, to it.** The gain:
  /// the kernel need not count references to a file on every system call, which is 4 % of the cost of a `send()`
  /// (Docs/benchmarks.md). Where the system forbids it (some containers), the thread shares the process's table.
  ///
  /// - Parameters:
  ///   - name: shown by `top -H` and debuggers; at most 15 bytes.
  ///   - ownsDescriptors: whether the thread gets a descriptor table of its own.
  /// - Returns: the thread. It may be over already.
  @discardableResult
  package static func start(
    _ name: String, ownsDescriptors: Bool = false, _ body: @escaping @Sendable () -> Void
  ) throws(SystemError) -> pthread_t {
    let box = unsafe Unmanaged.passRetained(
      Body {
        // Named from inside: a detached thread may have ended before its creator could name it.
        unsafe clinux_name_thread(name)
        if ownsDescriptors { _ = clinux_unshare_files() }
        body()
      })
    var thread = pthread_t()
    let code = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    guard code == 0 else {
      unsafe box.release()
      throw SystemError(call: "pthread_create", code: code)
    }
    _ = pthread_detach(thread)
    return thread
  }
}
