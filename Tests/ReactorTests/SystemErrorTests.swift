import Glibc
import Testing

@testable import Reactor

@Suite("A system call's error")
struct SystemErrorTests {
  @Test("It names the call and the reason")
  func text() {
    #expect(SystemError(call: "bind", code: EADDRINUSE).description == "bind: Address already in use")
  }

  @Test(
    "A call interrupted by a signal is repeated, any other failure is thrown, and success is returned")
  func checkedCalls() throws {
    var interruptions = 2
    let result = try checked("call") {
      guard interruptions > 0 else { return 42 }
      interruptions -= 1
      errno = EINTR
      return -1
    }
    #expect(result == 42)
    #expect(throws: SystemError(call: "call", code: EPERM)) {
      try checked("call") {
        errno = EPERM
        return -1
      }
    }
  }
}
