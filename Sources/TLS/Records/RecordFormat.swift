/// The form of a record of TLS 1.3 (RFC 8446, sections 5.1 to 5.4).
enum RecordFormat {
  /// What a record holds.
  enum ContentType: UInt8 {
    case alert = 21
    case handshake = 22
    case applicationData = 23
  }

  /// The length of a record's header, in bytes.
  static let headerCount = 5
  /// The most bytes of content.
  static let contentMaximum = 16_384
  /// The most bytes of content with its type and its padding.
  static let plaintextMaximum = contentMaximum + 1
  /// The most bytes after the header.
  static let bodyMaximum = contentMaximum + 256

  /// Writes a header.
  ///
  /// - Parameters:
  ///   - bodyCount: the length of what follows.
  ///   - target: at least 5 bytes.
  static func writeHeader(ofBody bodyCount: Int, to target: UnsafeMutableRawBufferPointer) {
    unsafe target[0] = ContentType.applicationData.rawValue
    // The version of TLS 1.2, for the eyes of boxes on the way.
    unsafe target[1] = 3
    unsafe target[2] = 3
    unsafe target[3] = UInt8(bodyCount >> 8)
    unsafe target[4] = UInt8(bodyCount & 0xff)
  }
}
