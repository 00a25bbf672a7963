import Glibc

/// A system call that failed, with its errno.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The call, as its manual page names it.
  public let call: String
  /// The errno that it left.
  public let code: Int32

  /// An error of a call.
  public init(call: String, code: Int32) {
    self.call = call
    self.code = code
  }

  /// A path is longer than a socket's address has room for.
  public static let nameTooLong = SystemError(call: "connect", code: ENAMETOOLONG)

  /// `bind: Address already in use`.
  public var description: String {
    "\(call): \(unsafe String(cString: strerror(code)))"
  }
}

/// Calls again while a signal interrupts, and turns -1 into a ``SystemError``: errno is handled here alone.
func checked(_ call: StaticString, _ body: () -> Int32) throws(SystemError) -> Int32 {
  while true {
    let result = body()
    if result != -1 { return result }
    let code = errno
    if code != EINTR { throw SystemError(call: call.description, code: code) }
  }
}
