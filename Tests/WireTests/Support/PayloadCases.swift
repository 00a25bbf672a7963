import Testing
import Wire

/// A valid payload, or one with a single error.
struct PayloadCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let type: MessageType
  let payload: [UInt8]
  /// The expected error; nil for a valid payload.
  let error: WireError?

  /// A payload and its expected error, if any.
  init(_ testDescription: String, _ type: MessageType, _ payload: [UInt8], _ error: WireError? = nil) {
    self.testDescription = testDescription
    self.type = type
    self.payload = payload
    self.error = error
  }

  /// Decodes the payload, at once and byte by byte. An accepted payload must be encoded to the same bytes again.
  func check() {
    let peer: Peer = type.isSent(by: .edge) ? .edge : .hub
    let bytes = frame(type, payload)
    let decoded = decode(bytes, from: peer)
    #expect(decoded.error == error)
    #expect(decoded.messages.count == (error == nil ? 1 : 0))
    if error == nil { #expect(encode(decoded.messages) == bytes) }
    if bytes.count < 2_000 {
      #expect(decode(bytes, from: peer, cutAt: Array(1..<bytes.count)) == decoded)
    }
  }
}

/// The cases of one kind of field; the closures make a payload in which everything else is valid.
struct FieldCases {
  let type: MessageType
  let field: MessageField

  /// Lengths just below, at and just above both limits of a byte string. The bytes are letters.
  func lengths(_ limits: ClosedRange<Int>, _ payload: ([UInt8]) -> [UInt8]) -> [PayloadCase] {
    Set([limits.lowerBound - 1, limits.lowerBound, limits.upperBound, limits.upperBound + 1]).sorted()
      .filter { $0 >= 0 }
      .map { count in
        let error = WireError.lengthOutOfRange(type, field, length: UInt64(count), limits: limits)
        return PayloadCase(
          "\(field) of \(count) bytes", type, payload(letters(count)), limits.contains(count) ? nil : error)
      } + [
        PayloadCase(
          "\(field) of 2^64 - 1 bytes", type, payload(varint(.max)),
          .lengthOutOfRange(type, field, length: .max, limits: limits))
      ]
  }

  /// Bytes that are not UTF-8: a stray byte, an overlong form, a surrogate, and a character that ends early.
  func malformedUTF8(_ payload: ([UInt8]) -> [UInt8]) -> [PayloadCase] {
    ([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0x61, 0xc3]] as [[UInt8]]).map { bytes in
      PayloadCase("\(field) of the bytes \(bytes)", type, payload(prefixed(bytes)), .invalidUTF8(type, field))
    }
  }

  /// Texts with forbidden characters.
  func forbidden(_ texts: [String], _ payload: ([UInt8]) -> [UInt8]) -> [PayloadCase] {
    texts.map { text in
      PayloadCase(
        "\(field) \(text.debugDescription)", type, payload(prefixed(text)), .forbiddenCharacter(type, field))
    }
  }

  /// Numbers just below, at and just above both limits.
  func numbers(_ limits: ClosedRange<UInt64>, _ payload: (UInt64) -> [UInt8]) -> [PayloadCase] {
    var values = [limits.lowerBound, limits.upperBound]
    if limits.lowerBound > .min { values.append(limits.lowerBound - 1) }
    if limits.upperBound < .max { values.append(limits.upperBound + 1) }
    return values.map { value in
      let error = WireError.outOfRange(type, field, value: value, limits: limits)
      return PayloadCase("\(field) \(value)", type, payload(value), limits.contains(value) ? nil : error)
    }
  }

  /// Malformed varints.
  func varints(_ payload: ([UInt8]) -> [UInt8]) -> [PayloadCase] {
    let tooLarge = [UInt8](repeating: 0xff, count: 9) + [0x02]
    return ([[0x80, 0x00], [0x81, 0x80, 0x00], tooLarge] as [[UInt8]]).map { bytes in
      PayloadCase("\(field) of the bytes \(bytes)", type, payload(bytes), .malformedVarint(type, field))
    }
  }

  /// Every value of a byte.
  func choices(_ known: ClosedRange<UInt8>, _ payload: (UInt8) -> [UInt8]) -> [PayloadCase] {
    (UInt8.min ... .max).map { value in
      let error = WireError.unknownValue(type, field, value)
      return PayloadCase("\(field) \(value)", type, payload(value), known.contains(value) ? nil : error)
    }
  }
}

/// All cases of a score id in a message, valid and invalid.
func scoreIDCases(_ type: MessageType, _ payload: ([UInt8]) -> [UInt8]) -> [PayloadCase] {
  let field = FieldCases(type: type, field: .scoreID)
  return field.lengths(1...64, payload) + field.malformedUTF8(payload)
    + field.forbidden(["\n", "a\0", "\u{7f}", "\u{85}"], payload)
    + [PayloadCase("scoreID of other scripts", type, payload(prefixed("é 📂 \"\\")))]
}
