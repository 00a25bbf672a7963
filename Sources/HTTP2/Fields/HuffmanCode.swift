/// The Huffman code of header fields (RFC 7541 Appendix B).
///
/// It is canonical: the codes of one length are successive numbers, in the order of their symbols. So the lengths
/// alone define it.
enum HuffmanCode {
  /// The symbol that ends no string: its code is the padding.
  private static let endSymbol: UInt16 = 256

  /// The symbols of each length, in bits.
  private static let symbols: [(bitCount: Int, symbols: [UInt16])] = [
    (5, text("012aceiost")),
    (6, text(" %-./3456789=A_bdfghlmnpru")),
    (7, text(":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz")),
    (8, text("&*,;XZ")),
    (10, text("!\"()?")),
    (11, text("'+|")),
    (12, text("#>")),
    (13, [0] + text("$@[]~")),
    (14, text("^}")),
    (15, text("<`{")),
    (19, text("\\") + [195, 208]),
    (20, [128, 130, 131, 162, 184, 194, 224, 226]),
    (21, [153, 161, 167, 172, 176, 177, 179, 209, 216, 217, 227, 229, 230]),
    (
      22,
      [
        129, 132, 133, 134, 136, 146, 154, 156, 160, 163, 164, 169, 170, 173, 178, 181, 185, 186, 187, 189,
        190, 196, 198, 228, 232, 233,
      ]
    ),
    (
      23,
      [
        1, 135, 137, 138, 139, 140, 141, 143, 147, 149, 150, 151, 152, 155, 157, 158, 165, 166, 168, 174,
        175, 180, 182, 183, 188, 191, 197, 231, 239,
      ]
    ),
    (24, [9, 142, 144, 145, 148, 159, 171, 206, 215, 225, 236, 237]),
    (25, [199, 207, 234, 235]),
    (26, [192, 193, 200, 201, 202, 205, 210, 213, 218, 219, 238, 240, 242, 243, 255]),
    (
      27,
      [
        203, 204, 211, 212, 214, 221, 222, 223, 241, 244, 245, 246, 247, 248, 250, 251, 252, 253, 254,
      ]
    ),
    (28, Array(2...8) + [11, 12] + Array(14...21) + Array(23...31) + [127, 220, 249]),
    (30, [10, 13, 22, endSymbol]),
  ]

  private static func text(_ text: String) -> [UInt16] { text.utf8.map { UInt16($0) } }

  /// The codes of one length: the first code, and the symbols in the order of their codes.
  private struct Row {
    let first: UInt32
    let symbols: [UInt16]
  }

  /// The rows by their lengths in bits.
  private static let rows: [Row] = {
    var rows: [Row] = []
    var code: UInt32 = 0
    for bitCount in 0...30 {
      let symbols = symbols.first { $0.bitCount == bitCount }?.symbols ?? []
      rows.append(Row(first: code, symbols: symbols))
      code = (code + UInt32(symbols.count)) << 1
    }
    return rows
  }()

  /// Decodes a string; nil if it is malformed: it contains the end symbol, or its padding is longer than seven bits or
  /// not all ones.
  static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
    let rows = rows
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count * 8 / 5)
    var code: UInt32 = 0
    var bitCount = 0
    for byte in bytes {
      for shift in stride(from: 7, through: 0, by: -1) {
        code = code << 1 | UInt32(byte >> UInt8(shift) & 1)
        bitCount += 1
        guard bitCount < rows.count else { return nil }
        let row = rows[bitCount]
        // A code below the first of its length is the beginning of a longer one.
        guard code >= row.first, code - row.first < UInt32(row.symbols.count) else { continue }
        let symbol = row.symbols[Int(code - row.first)]
        guard symbol != endSymbol else { return nil }
        decoded.append(UInt8(symbol))
        code = 0
        bitCount = 0
      }
    }
    return bitCount < 8 && code == (1 << UInt32(bitCount)) - 1 ? decoded : nil
  }
}
