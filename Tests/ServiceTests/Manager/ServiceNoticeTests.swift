import Primitives
import Testing

@testable import Service

@Suite("A notice to the service manager")
struct ServiceNoticeTests {
  @Test(
    "It has the form of sd_notify(3)",
    arguments: [
      (ServiceNotice.ready, "READY=1"),
      (.reloading(at: Instant(nanoseconds: 12_345_678_999)), "RELOADING=1\nMONOTONIC_USEC=12345678"),
      (.stopping(within: nil), "STOPPING=1"),
      (.stopping(within: .milliseconds(1_500)), "STOPPING=1\nEXTEND_TIMEOUT_USEC=1500000"),
      (.alive(status: "3 streams; 1 of 2 hubs linked"), "WATCHDOG=1\nSTATUS=3 streams; 1 of 2 hubs linked"),
    ])
  func forms(notice: ServiceNotice, text: String) {
    #expect(notice.text == text)
  }

  @Test("A status is one line, so that a peer's text adds no assignment")
  func injection() {
    let text = ServiceNotice.alive(status: "Redis: no\nMAINPID=1\r\0").text
    #expect(text == #"WATCHDOG=1"# + "\n" + #"STATUS=Redis: no\nMAINPID=1\r\u0000"#)
  }

  @Test("A status has a greatest length, and ends with a whole character")
  func length() {
    let text = ServiceNotice.alive(status: String(repeating: "😂", count: 200)).text
    #expect(text == "WATCHDOG=1\nSTATUS=" + String(repeating: "😂", count: ServiceNotice.statusMaximum / 4))
  }

  @Test("A sign of life may be lost, and nothing else")
  func needed() {
    #expect(ServiceNotice.ready.isNeeded && ServiceNotice.stopping(within: nil).isNeeded)
    #expect(ServiceNotice.reloading(at: .origin).isNeeded)
    #expect(!ServiceNotice.alive(status: "").isNeeded)
  }
}
