import Primitives
import Testing

@Suite struct ASCIITests {
  @Test("Digits, letters and alphanumerics are exactly those of ASCII") func classes() {
    for byte in UInt8.min ... .max {
      let character = Unicode.Scalar(byte)
      let isDigit = ("0"..."9").contains(character)
      let isLetter = ("a"..."z").contains(character) || ("A"..."Z").contains(character)
      #expect(byte.isASCIIDigit == isDigit, "\(byte)")
      #expect(byte.isASCIILetter == isLetter, "\(byte)")
      #expect(byte.isASCIIAlphanumeric == (isDigit || isLetter), "\(byte)")
    }
  }
}
