import HTTP
import Testing

@Suite struct RequestTargetTests {
  private func target(_ text: String) throws -> RequestTarget {
    try #require(ParseOutcome(get(text)).heads.first).target
  }

  private func segments(_ text: String) throws -> [String] {
    try target(text).segments.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test("A path is split at its slashes, and nothing is normalized")
  func segmentation() throws {
    #expect(try segments("/") == [""])
    #expect(try segments("/a") == ["a"])
    #expect(try segments("/a/b") == ["a", "b"])
    #expect(try segments("/a/") == ["a", ""])
    #expect(try segments("//a") == ["", "a"])
    #expect(try segments("/a/../b/./c") == ["a", "..", "b", ".", "c"])
  }

  @Test("A segment is decoded exactly once, after the path was split")
  func decoding() throws {
    #expect(try segments("/%61/%2562") == ["a", "%62"])
    #expect(try segments("/a%2Fb%2fc") == ["a/b/c"])
    #expect(try segments("/a%00b") == ["a\0b"])
    #expect(try segments("/a+b") == ["a+b"])
    #expect(try target("/%ff").segments == [[0xff]])
    #expect(try target("/%61?x").path == "/%61")
  }

  @Test("The absolute form means the same as the origin form")
  func absoluteForm() throws {
    for (text, path) in [
      ("http://a/b?c", "/b"), ("HTTPS://a:443/b/", "/b/"), ("http://[::1]:80", "/"), ("http://a?c=1", "/"),
    ] {
      #expect(try target(text).path == path)
    }
    #expect(try segments("http://a") == [""])
    #expect(try target("http://a?c=1").queryValue(named: "c") == Array("1".utf8))
  }

  @Test("The asterisk form, only for OPTIONS, has no segment")
  func asteriskForm() throws {
    let head = try #require(ParseOutcome("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").heads.first)
    #expect(head.target.segments.isEmpty)
    #expect(head.target.path == "*")
  }

  @Test("The first query item of a name counts, decoded once")
  func queries() throws {
    let parsed = try target("/?a=1&a=2&b=x+y%2B%2541&c&d=e=f&=g&&%61b=h&bad=%&bad=ok?/")
    let expected: [(String, String?)] = [
      ("a", "1"), ("b", "x y+%41"), ("c", ""), ("d", "e=f"), ("", "g"), ("ab", "h"), ("bad", "ok?/"),
      ("z", nil),
    ]
    for (name, value) in expected {
      #expect(parsed.queryValue(named: name) == value.map { Array($0.utf8) }, "item \(name)")
    }
    #expect(
      Array(parsed.queryValues(named: "d", "a", "c")) == ["1", "2", "", "e=f"].map { Array($0.utf8) },
      "all values of several names, in their order")
    #expect(try target("/").queryValue(named: "a") == nil)
    #expect(try target("/?").queryValue(named: "") == nil)
  }

  @Test("The 32nd query item is read, the 33rd is not", arguments: [31, 32, 33])
  func queryLimit(place: Int) throws {
    let parsed = try target("/?" + (1..<place).map { "x\($0)" }.joined(separator: "&") + "&a=1")
    #expect(parsed.queryValue(named: "a") == (place > 32 ? nil : [UInt8(ascii: "1")]))
  }
}
