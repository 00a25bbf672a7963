import Primitives
import Testing

@Suite struct HTTPURLTests {
  @Test(
    "A URL is parsed, with the scheme's default port",
    arguments: [
      ("http://a.example/v1/metrics", "http://a.example:80/v1/metrics"),
      ("https://a.example", "https://a.example:443/"), ("http://a:4318/x?y=z", "http://a:4318/x?y=z"),
      ("http://[::1]/x", "http://[::1]:80/x"), ("https://[::1]:7/x", "https://[::1]:7/x"),
    ])
  func good(text: String, expected: String) throws {
    #expect(try HTTPURL(parsing: text).description == expected)
  }

  @Test(
    "Invalid URLs are refused, and so are line breaks and passwords",
    arguments: [
      "", "a.example", "ftp://a.example/", "http://", "http://u:p@a.example/", "http://a.example:0/",
      "http://a.example/x y", "http://a.example/x\r\nHost: b", "http://a:b:c/", "HTTP://a/",
    ])
  func bad(text: String) {
    #expect(throws: MalformedText.self) { try HTTPURL(parsing: text) }
  }
}
