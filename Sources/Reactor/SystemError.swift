import Glibc

/// A system call that failed, with its errno.
package struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The call, as its manual page names it.
  package let call: String
  /// The errno of the call.
  package let code: Int32

  /// An error of a call.
  package init(call: String, code: Int32) {
    self.call = call
    self.code = code
  }

  /// A path is longer than a socket address allows.
  package static let nameTooLong = SystemError(call: "connect", code: ENAMETOOLONG)

  /// `bind: Address already in use`.
  package var description: String {
    "\(call): \(unsafe String(cString: strerror(code)))"
  }
}

/// Repeats a call that a signal interrupted, and turns -1 into a ``SystemError``: errno is handled only here.
func checked(_ call: StaticString, _ body: () -> Int32) throws(SystemError) -> Int32 {
  while true {
    let result = body()
    if result != -1 { return result }
    let code = errno
    if code != EINTR { throw SystemError(call: call.description, code: code) }
  }
}
