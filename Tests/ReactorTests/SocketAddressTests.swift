import Testing

@testable import Reactor

@Suite("A socket address")
struct SocketAddressTests {
  @Test(
    "A numeric address is read and printed",
    arguments: [
      ("127.0.0.1", SocketAddress.Family.ipv4, "127.0.0.1:8001"),
      ("0.0.0.0", .ipv4, "0.0.0.0:8001"),
      ("255.255.255.255", .ipv4, "255.255.255.255:8001"),
      ("::1", .ipv6, "[::1]:8001"),
      ("::", .ipv6, "[::]:8001"),
      ("2001:DB8:0:0:0:0:0:1", .ipv6, "[2001:db8::1]:8001"),
      ("::ffff:192.0.2.1", .ipv6, "192.0.2.1:8001"),
    ])
  func numeric(host: String, family: SocketAddress.Family, text: String) throws {
    let address = try #require(SocketAddress(numericHost: host, port: 8001))
    #expect(address.family == family)
    #expect(address.description == text)
    #expect(address.port == 8001)
    #expect(SocketAddress(numericHost: host, port: 8001) == address)
    #expect(SocketAddress(numericHost: host, port: 8002) != address)
  }

  @Test("Ports keep their bytes in order", arguments: [0, 1, 255, 256, 8001, 65_535] as [UInt16])
  func ports(port: UInt16) throws {
    #expect(try #require(SocketAddress(numericHost: "127.0.0.1", port: port)).port == port)
    #expect(try #require(SocketAddress(numericHost: "::1", port: port)).port == port)
  }

  @Test(
    "A name is not a numeric address",
    arguments: ["localhost", "", " ", "relay.example", "256.0.0.1", "::1::", "[::1]"])
  func names(host: String) {
    #expect(SocketAddress(numericHost: host, port: 1) == nil)
  }

  @Test("A unix socket's path is kept, up to the 107 bytes that fit")
  func unix() throws {
    let address = try #require(SocketAddress(unixPath: "/run/edge.sock"))
    #expect(address.family == .unix)
    #expect(address.description == "unix:/run/edge.sock")
    #expect(address.port == 0)
    let longest = String(repeating: "a", count: 107)
    #expect(SocketAddress(unixPath: longest)?.host == longest)
    #expect(SocketAddress(unixPath: longest + "a") == nil)
    // 36 times three bytes: the limit is in bytes.
    #expect(SocketAddress(unixPath: String(repeating: "€", count: 36)) == nil)
    #expect(SocketAddress(unixPath: "") == nil)
    #expect(SocketAddress(unixPath: "/run/a\0b") == nil)
  }

  @Test("An abstract name has no file, and up to 107 bytes")
  func abstractName() throws {
    let address = try #require(SocketAddress(abstractName: "manager"))
    #expect(address.family == .unix && address.port == 0)
    #expect(address.storage == [1, 0, 0] + Array("manager".utf8))
    let longest = String(repeating: "a", count: 107)
    #expect(SocketAddress(abstractName: longest)?.storage.count == 110)
    #expect(SocketAddress(abstractName: longest + "a") == nil)
    #expect(SocketAddress(abstractName: "") == nil)
  }

  @Test("A peer without a path is called unix")
  func unnamed() {
    #expect(SocketAddress(storage: [1, 0])?.description == "unix:unix")
  }

  @Test(
    "Bytes that no system call could have written are refused",
    arguments: [[], [2], [2, 0, 1], [10, 0, 1, 2], [99, 0, 0, 0]])
  func malformed(storage: [UInt8]) {
    #expect(SocketAddress(storage: storage) == nil)
  }

  @Test("An address with another port is that address", arguments: ["192.0.2.1", "2001:db8::1"])
  func otherPort(host: String) throws {
    let address = try #require(SocketAddress(numericHost: host, port: 1))
    #expect(address.with(port: 0x1234) == SocketAddress(numericHost: host, port: 0x1234))
  }
}
