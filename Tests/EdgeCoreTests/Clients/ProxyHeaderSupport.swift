import EdgeCore

/// The outcome of parsing bytes that arrive in these pieces.
struct ProxyOutcome: Equatable {
  var header: ProxyHeader?
  var error: ProxyHeaderError?
  /// The number of bytes that were taken.
  var taken = 0

  init(_ pieces: [ArraySlice<UInt8>]) {
    var parser = ProxyHeaderParser()
    for piece in pieces where header == nil && error == nil {
      var index = 0
      do throws(ProxyHeaderError) {
        header = try parser.parse(Array(piece).span, from: &index)
      } catch {
        self.error = error
      }
      taken += index
    }
  }

  init(_ bytes: [UInt8]) { self.init([bytes[...]]) }

  /// Whether every division into two, and single bytes, give this outcome too.
  func isTheSameForEverySplit(of bytes: [UInt8]) -> Bool {
    (0...bytes.count).allSatisfy { ProxyOutcome([bytes[..<$0], bytes[$0...]]) == self }
      && ProxyOutcome(bytes.indices.map { bytes[$0...$0] }) == self
  }
}

let proxySignature: [UInt8] = [13, 10, 13, 10, 0, 13, 10] + Array("QUIT\n".utf8)

/// A header of version 2.
func binaryProxyHeader(
  command: UInt8 = 0x21, family: UInt8, _ block: [UInt8], length: Int? = nil
) -> [UInt8] {
  let length = length ?? block.count
  return proxySignature + [command, family, UInt8(length >> 8), UInt8(length & 0xff)] + block
}

/// The addresses of a forwarded client on 203.0.113.7:4711.
let ipv4Block: [UInt8] = [203, 0, 113, 7, 10, 0, 0, 1, 0x12, 0x67, 0x1f, 0x41]

/// The addresses of a forwarded client on [2001:db8::7]:4711.
let ipv6Block: [UInt8] =
  [0x20, 1, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [7] + [UInt8](repeating: 0xfd, count: 16)
  + [0x12, 0x67, 0x1f, 0x41]
