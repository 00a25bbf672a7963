import HTTP
import Testing

@Suite struct JSONWriterTests {
  private func text(_ body: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    body(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test("Objects and arrays nest, with commas, in the order of writing")
  func nesting() {
    let result = text {
      $0.object {
        $0.member("b", "x")
        $0.member("a", 1)
        $0.member("list") {
          $0.array {
            $0.value(1)
            $0.array { _ in }
            $0.object { _ in }
            $0.object { $0.member("deep", true) }
            $0.null()
          }
        }
        $0.member("last", false)
      }
    }
    #expect(result == #"{"b":"x","a":1,"list":[1,[],{},{"deep":true},null],"last":false}"#)
  }

  @Test("Strings are escaped as JSON demands, in names too")
  func strings() {
    #expect(
      text { $0.value("\"\\\n\r\t\u{8}\u{1f}\0/<é\u{1f600}") } == #""\"\\\n\r\t\u0008\u001f\u0000/<é😀""#)
    #expect(text { $0.object { $0.member("a\"b", "") } } == #"{"a\"b":""}"#)
  }

  @Test("Integers are exact, at both ends of their range")
  func integers() {
    #expect(text { $0.value(UInt64.max) } == "18446744073709551615")
    #expect(text { $0.value(Int64.min) } == "-9223372036854775808")
    #expect(text { $0.value(0) } == "0")
  }

  @Test("Finite numbers are written, others are null")
  func doubles() {
    #expect(text { $0.value(0.25) } == "0.25")
    #expect(text { $0.value(-1e300) } == "-1e+300")
    #expect(text { $0.value(Double.nan) } == "null")
    #expect(text { $0.object { $0.member("x", Double.infinity) } } == #"{"x":null}"#)
  }
}
