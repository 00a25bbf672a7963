import Glibc
import Primitives
import TestSupport
import Testing

@testable import Service

@Suite("The service manager")
struct ServiceManagerTests {
  private static func manager(
    _ socket: ManagerSocket, _ environment: [String: String] = [:]
  ) -> ServiceManager {
    ServiceManager(environment.merging(["NOTIFY_SOCKET": socket.name]) { $1 }, process: 42)
  }

  @Test("Notices arrive at a socket with a path and at one with an abstract name", arguments: [false, true])
  func delivery(isAbstract: Bool) {
    let socket = ManagerSocket(isAbstract: isAbstract)
    let manager = Self.manager(socket)
    manager.send(.ready)
    manager.send(.alive(status: "well"))
    #expect(socket.receiveAll() == ["READY=1", "WATCHDOG=1\nSTATUS=well"])
  }

  @Test(
    "Without NOTIFY_SOCKET nothing is sent and no period asked for", arguments: [nil, "", "relative\0", "@"])
  func absent(name: String?) {
    var environment = ["WATCHDOG_USEC": "2000000"]
    environment["NOTIFY_SOCKET"] = name
    let manager = ServiceManager(environment, process: 42)
    #expect(manager.period == nil)
    manager.send(.ready)
    #expect(manager.whileReloading { 7 } == 7)
  }

  @Test(
    "The period lets two signs of life be lost, and the status be five seconds old",
    arguments: [
      ([:], Duration.seconds(5)),
      (["WATCHDOG_USEC": "3000000"], .seconds(1)),
      (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "42"], .seconds(1)),
      (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "43"], .seconds(5)),
      (["WATCHDOG_USEC": "60000000"], .seconds(5)),
      (["WATCHDOG_USEC": "0"], .seconds(5)),
      (["WATCHDOG_USEC": "soon"], .seconds(5)),
    ])
  func period(environment: [String: String], period: Duration) {
    #expect(Self.manager(ManagerSocket(), environment).period == period)
  }

  @Test("A reload is announced before and ended after, also if it fails")
  func reload() throws {
    struct Refusal: Error {}
    let socket = ManagerSocket()
    let manager = Self.manager(socket)
    var during: [String] = []
    #expect(throws: Refusal.self) {
      try manager.whileReloading { () throws(Refusal) in
        during = socket.receiveAll()
        throw Refusal()
      }
    }
    #expect(during.count == 1 && during[0].hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
    #expect(socket.receiveAll() == ["READY=1"])
  }

  @Test("A service that stops does not become ready again, and lives on until it ends")
  func stopping() {
    let socket = ManagerSocket()
    let manager = Self.manager(socket)
    manager.send(.stopping(within: .seconds(9)))
    manager.send(.stopping(within: .seconds(1)))
    manager.whileReloading {}
    manager.send(.alive(status: "draining"))
    #expect(
      socket.receiveAll() == ["STOPPING=1\nEXTEND_TIMEOUT_USEC=9000000", "WATCHDOG=1\nSTATUS=draining"])
  }

  @Test("What the manager must know waits for room, in order; signs of life do not wait")
  func fullSocket() {
    let socket = ManagerSocket()
    let manager = Self.manager(socket)
    // The kernel keeps a number of datagrams that it chooses (net.unix.max_dgram_qlen).
    for _ in 0..<2_000 { manager.send(.alive(status: "early")) }
    manager.send(.ready)
    manager.send(.stopping(within: nil))
    let first = socket.receiveAll()
    #expect(!first.isEmpty && first.count < 2_000 && first.allSatisfy { $0.hasSuffix("early") })
    manager.send(.alive(status: "late"))
    #expect(socket.receiveAll() == ["READY=1", "STOPPING=1", "WATCHDOG=1\nSTATUS=late"])
  }

  @Test("A bounded number of notices waits")
  func bound() {
    let socket = ManagerSocket()
    let manager = Self.manager(socket)
    for _ in 0..<2_000 { manager.send(.alive(status: "early")) }
    for _ in 0..<100 { manager.send(.ready) }
    _ = socket.receiveAll()
    // Room for all of them, a few at a time.
    var count = 0
    for _ in 0..<100 {
      manager.send(.alive(status: "late"))
      count += socket.receiveAll().count { $0 == "READY=1" }
    }
    #expect(count == ServiceManager.waitingMaximum)
  }

  @Test("A manager that listens later, or again, is found")
  func later() {
    var socket: ManagerSocket? = ManagerSocket()
    let manager = socket.map { Self.manager($0) }
    manager?.send(.ready)
    let name = socket?.name
    socket = nil
    manager?.send(.reloading(at: .origin))
    manager?.send(.alive(status: "unheard"))
    let again = ManagerSocket(named: name ?? "")
    manager?.send(.alive(status: "well"))
    #expect(again.receiveAll() == ["RELOADING=1\nMONOTONIC_USEC=0", "WATCHDOG=1\nSTATUS=well"])
  }
}
