import EdgeCore
import TestSupport
import Testing

@Suite struct ForwardedForTests {
  private static let trusted = "10.0.0.0/8, loopback"

  private func client(
    _ fields: [String], peer: String? = "10.0.0.1", trusted: String = trusted, trustsUnixPeer: Bool = false
  ) throws -> String? {
    ForwardedFor.clientAddress(
      peer: try peer.map(address), fields: fields, trusted: try NetworkList(parsing: trusted),
      trustsUnixPeer: trustsUnixPeer)?.description
  }

  @Test("Behind a trusted proxy, the client has the address that the proxy saw")
  func oneProxy() throws {
    #expect(try client(["203.0.113.7"]) == "203.0.113.7")
    #expect(try client(["2001:db8::7"], peer: "::1") == "2001:db8::7")
    #expect(try client(["::ffff:203.0.113.7"], peer: "::ffff:10.0.0.1") == "203.0.113.7")
    #expect(try client([]) == "10.0.0.1")
  }

  @Test("Several trusted proxies are skipped, in one field or in several")
  func chain() throws {
    #expect(try client(["203.0.113.7, 10.0.0.3, 10.0.0.2"]) == "203.0.113.7")
    #expect(try client(["203.0.113.7", "10.0.0.3", "10.0.0.2"]) == "203.0.113.7")
    #expect(try client(["203.0.113.7,10.0.0.3", "10.0.0.2"]) == "203.0.113.7")
    #expect(try client(["\t203.0.113.7:4711 ,[::1]:80\t,  10.0.0.2 "]) == "203.0.113.7")
  }

  @Test("A client without a proxy cannot claim another address")
  func spoofedByClient() throws {
    #expect(try client(["203.0.113.7"], peer: "198.51.100.1") == "198.51.100.1")
    #expect(try client(["203.0.113.7, 10.0.0.2"], peer: "198.51.100.1") == "198.51.100.1")
    #expect(try client(["203.0.113.7"], trusted: "") == "10.0.0.1")
    #expect(try client(["203.0.113.7"], peer: "::10.0.0.1") == "::a00:1")
  }

  @Test("A client's own text left of its address is not believed")
  func spoofedBehindProxy() throws {
    #expect(try client(["203.0.113.7, 198.51.100.1"]) == "198.51.100.1")
    #expect(try client(["10.0.0.9, 127.0.0.1, 198.51.100.1"]) == "198.51.100.1")
    #expect(try client(["203.0.113.7", "198.51.100.1"]) == "198.51.100.1")
    #expect(try client(["203.0.113.7, 198.51.100.1, 10.0.0.2"]) == "198.51.100.1")
  }

  @Test("A client on a trusted network is known by the last address in the field")
  func allTrusted() throws {
    #expect(try client(["10.0.0.4, 10.0.0.3"]) == "10.0.0.4")
    #expect(try client(["10.0.0.4"], peer: "127.0.0.1") == "10.0.0.4")
  }

  @Test(
    "An element that is no address ends the walk",
    arguments: [
      "unknown", "unix:", "client.example", "_hidden", "203.0.113.7 198.51.100.1", "203.0.113.7;",
      "203.0.113.07", "::1%lo",
      "\"203.0.113.7\"", "for=203.0.113.7", "203.0.113.7:99999", "\u{fffd}",
    ])
  func garbage(element: String) throws {
    #expect(try client([element]) == "10.0.0.1")
    #expect(try client(["203.0.113.7, \(element), 10.0.0.2"]) == "10.0.0.2")
    #expect(try client(["203.0.113.7", element, "10.0.0.2"]) == "10.0.0.2")
    #expect(try client(["\(element), 203.0.113.7"]) == "203.0.113.7")
  }

  @Test("Empty elements are ignored")
  func emptyElements() throws {
    #expect(try client([""]) == "10.0.0.1")
    #expect(try client([" , ,", "203.0.113.7, ,", "", ", 10.0.0.2 ,,"]) == "203.0.113.7")
  }

  @Test("A unix socket's peer is believed only if the operator says so")
  func unixPeer() throws {
    #expect(try client(["203.0.113.7"], peer: nil) == nil)
    #expect(try client(["203.0.113.7"], peer: nil, trustsUnixPeer: true) == "203.0.113.7")
    #expect(try client(["203.0.113.7, 10.0.0.1"], peer: nil, trustsUnixPeer: true) == "203.0.113.7")
    #expect(try client(["unknown"], peer: nil, trustsUnixPeer: true) == nil)
    #expect(try client([], peer: nil, trustsUnixPeer: true) == nil)
    // The setting does not affect peers with an address.
    #expect(try client(["203.0.113.7"], peer: "198.51.100.1", trustsUnixPeer: true) == "198.51.100.1")
  }

  @Test("At most 32 addresses are examined, in one field or in many", arguments: [-1, 0, 1])
  func hops(excess: Int) throws {
    // The client is the address with this number, counted from the right.
    let proxies = (1..<32 + excess).reversed().map { "10.0.1.\($0)" }
    let expected = excess > 0 ? "10.0.1.32" : "203.0.113.7"
    #expect(try client(["203.0.113.7, " + proxies.joined(separator: ", ")]) == expected)
    #expect(try client(["203.0.113.7"] + proxies) == expected)
  }

  @Test("At most 2,048 bytes are examined, and no address is cut", arguments: [-1, 0, 1])
  func bytes(excess: Int) throws {
    // Each element counts its text and one more byte.
    let tail = "10.0.0.2"
    let padding = String(
      repeating: " ", count: 2048 + excess - "203.0.113.7,".utf8.count - "\(tail),".utf8.count)
    let expected = excess > 0 ? "10.0.0.2" : "203.0.113.7"
    #expect(try client(["203.0.113.7\(padding),\(tail)"]) == expected)
    #expect(try client(["198.51.100.1,203.0.113.7\(padding)", tail]) == expected)
    #expect(try client(["203.0.113.7", "\(padding.dropLast()),\(tail)"]) == expected)
  }

  @Test("A field as long as a whole head is handled", arguments: [",", " ", "1", "10.0.0.2,", "[", "é"])
  func flood(unit: String) throws {
    let answer = try client([String(repeating: unit, count: 16_384 / unit.utf8.count)])
    #expect(answer == (unit == "10.0.0.2," ? "10.0.0.2" : "10.0.0.1"))
  }

  @Test("The result is the address that the proxy appended, whatever the client wrote")
  func fuzz() throws {
    let seed: UInt64 = 7239
    var random = SeededGenerator(seed: seed)
    let parts = [
      "10.0.0.1", "203.0.113.7", ",", ", ", " ", "[::1]:1", "[", ":", "unknown", "1.2.3.4:5", "\t", "é", ".",
      "%",
    ]
    let trusted = try NetworkList(parsing: Self.trusted)
    let peer = try address("10.0.0.1")
    for _ in 0..<4_000 {
      let lines = (0..<Int.random(in: 0...4, using: &random)).map { _ in
        (0..<Int.random(in: 0...8, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
          .joined()
      }
      _ = ForwardedFor.clientAddress(peer: peer, fields: lines, trusted: trusted, trustsUnixPeer: false)
      // Appended to the last line, as nginx and HAProxy do, or as a line of its own.
      let last = lines.last.map { "\($0), " } ?? ""
      for forged in [Array(lines.dropLast()) + ["\(last)198.51.100.1"], lines + ["198.51.100.1"]] {
        let found = ForwardedFor.clientAddress(
          peer: peer, fields: forged, trusted: trusted, trustsUnixPeer: false)
        #expect(found?.description == "198.51.100.1", "seed \(seed): \(forged)")
      }
    }
  }
}
