import CLinux
import Glibc

/// Starts threads. Everything a loop works with is made inside its own thread, and so cannot leave it.
public enum LoopThread {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Runs the body on a new, detached thread.
  ///
  /// - Parameter name: what `top -H` and a debugger show; at most 15 bytes.
  public static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let box = unsafe Unmanaged.passRetained(
      Body {
        // Named from inside: a detached thread may be over before its creator could name it.
        unsafe clinux_name_thread(name)
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
  }
}
