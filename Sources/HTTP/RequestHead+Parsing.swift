import PlantedFaults
import Primitives

extension RequestHead {
  /// Parses a head whose lines all end in CR LF, the last of them empty.
  init(parsing head: [UInt8]) throws(RequestHeadError) {
    var rest = head[...]
    let requestLine = Self.takeLine(from: &rest)
    let parts = requestLine.split(separator: .space, omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, parts[0].allSatisfy(\.isTokenByte) else {
      throw .malformedRequestLine
    }
    let version = try Self.version(parts[2])
    let method = Method(parts[0])
    let target = try RequestTarget(parsing: parts[1], method: method)

    var fields: [RequestField] = []
    while true {
      let line = Self.takeLine(from: &rest)
      if line.isEmpty { break }
      fields.append(try Self.field(line))
    }
    try Self.checkHost(of: fields, version: version)
    self.init(
      method: method, target: target, version: version,
      contentLength: try Self.contentLength(of: fields, version: version), fields: fields)
  }

  private static func takeLine(from rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let line = rest.prefix { $0 != .carriageReturn }
    rest = rest.dropFirst(line.count + 2)
    return line
  }

  private static func version(_ text: ArraySlice<UInt8>) throws(RequestHeadError) -> Version {
    let digits = Array(text.dropFirst(5))
    guard text.starts(with: "HTTP/".utf8), digits.count == 3, digits[0].isASCIIDigit,
      digits[1] == UInt8(ascii: "."), digits[2].isASCIIDigit
    else { throw .malformedRequestLine }
    return switch (digits[0], digits[2]) {
    case (UInt8(ascii: "1"), UInt8(ascii: "0")): .http10
    case (UInt8(ascii: "1"), UInt8(ascii: "1")): .http11
    default: throw .unsupportedVersion
    }
  }

  private static func field(_ line: ArraySlice<UInt8>) throws(RequestHeadError) -> RequestField {
    // A folded line begins with a space, which no name does: it is refused here like other malformed ones.
    let name = line.prefix(while: \.isTokenByte)
    let rest = line[name.endIndex...]
    guard !name.isEmpty, rest.first == .colon else { throw .malformedField }
    return RequestField(
      name: String(decoding: name.map(\.lowercased), as: UTF8.self),
      value: String(decoding: rest.dropFirst().trimmed, as: UTF8.self))
  }

  static func checkHost(of fields: [RequestField], version: Version) throws(RequestHeadError) {
    let hosts = fields["host"]
    guard hosts.count == 1 || (hosts.isEmpty && version != .http11) else { throw .malformedHost }
    guard hosts.allSatisfy({ isHost(Array($0.value.utf8)[...]) }) else { throw .malformedHost }
  }

  /// A host and an optional port (RFC 9110 §7.2), each of which may be empty (RFC 3986 §3.2.2, §3.2.3).
  private static func isHost(_ text: ArraySlice<UInt8>) -> Bool {
    let name: ArraySlice<UInt8>
    if text.first == UInt8(ascii: "[") {
      // An IPv6 address, or one of a future version: the bytes of a name, and colons.
      let literal = text.dropFirst().prefix { $0 != UInt8(ascii: "]") }
      guard literal.count < text.count - 1, literal.contains(.colon), !literal.contains(UInt8(ascii: "[")),
        literal.allSatisfy(\.isAuthorityByte)
      else { return false }
      name = text[..<(literal.endIndex + 1)]
    } else {
      name = text.prefix { $0 != .colon }
      guard name.allSatisfy({ $0.isAuthorityByte && $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]") })
      else { return false }
    }
    let port = text[name.endIndex...]
    return port.isEmpty || port.first == .colon && port.dropFirst().allSatisfy(\.isASCIIDigit)
  }

  static func contentLength(
    of fields: [RequestField], version: Version
  ) throws(RequestHeadError) -> Int {
    let lengths = fields["content-length"]
    let codings = fields["transfer-encoding"]
    guard codings.isEmpty || lengths.isEmpty else { throw .conflictingLengths }
    if let coding = codings.first {
      guard version == .http11, codings.count == 1,
        coding.value.utf8.map(\.lowercased) == Array("chunked".utf8)
      else { throw .unknownTransferEncoding }
      throw .chunkedBody
    }
    guard let length = lengths.first else { return 0 }
    // Two equal lengths would do no harm, but no regular client sends them.
    guard lengths.count == 1 || planted(.repeatedLengthAccepted), !length.value.isEmpty,
      length.value.utf8.allSatisfy(\.isASCIIDigit)
    else {
      throw .malformedContentLength
    }
    guard let count = Int(length.value), count <= RequestLimits.bodyBytes else { throw .bodyTooLarge }
    return count
  }
}
