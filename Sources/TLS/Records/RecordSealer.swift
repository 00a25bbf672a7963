/// Seals what this side of a TLS 1.3 connection sends (RFC 8446, section 5.2).
///
/// It is a machine without a socket: each record that it returns must be sent, completely and in order.
package struct RecordSealer: ~Copyable {
  private let protection: RecordProtection

  /// - Parameter protection: the keys of this side.
  package init(_ protection: consuming RecordProtection) { self.protection = protection }

  /// The suite of the records.
  package var suite: RecordSuite { protection.suite }

  /// How many records have been sealed with the present key.
  package var sequence: UInt64 { protection.sequence }

  /// Prefetches the keys.
  func prefetch() { protection.prefetch() }

  /// Whether the present key has sealed as many records as it may: the next one must be that of ``sealKeyUpdate(with:)``.
  func isUpdateDue(_ ciphers: RecordCiphers) -> Bool { protection.sequence >= ciphers.recordsPerKey }

  /// Seals one record.
  ///
  /// - Parameter plaintext: the content, and the byte of its type.
  /// - Returns: the record, valid until the next one is sealed; nil if libcrypto does not work.
  func seal(_ plaintext: UnsafeRawBufferPointer, with ciphers: RecordCiphers) -> UnsafeRawBufferPointer? {
    guard let record = unsafe ciphers.seal(plaintext, with: protection) else { return nil }
    protection.advance()
    return unsafe record
  }

  /// Seals one record into memory of the caller's; see ``seal(_:with:)``.
  ///
  /// - Returns: the record's length.
  func seal(
    _ plaintext: UnsafeRawBufferPointer, with ciphers: RecordCiphers,
    into target: UnsafeMutableRawBufferPointer
  ) -> Int? {
    guard let count = unsafe ciphers.seal(plaintext, with: protection, into: target) else { return nil }
    protection.advance()
    return count
  }

  /// Seals one record; see ``seal(_:with:)``.
  func seal(
    _ content: [UInt8], as type: RecordFormat.ContentType, with ciphers: RecordCiphers
  ) -> UnsafeRawBufferPointer? {
    unsafe (content + [type.rawValue]).withUnsafeBytes { unsafe seal($0, with: ciphers) }
  }

  /// Seals a KeyUpdate message that asks for none in return, and goes on to the next key (section 4.6.3).
  func sealKeyUpdate(with ciphers: RecordCiphers) -> UnsafeRawBufferPointer? {
    let message = KeyUpdateReader.message(isAnswerRequested: false)
    guard let record = unsafe seal(message, as: .handshake, with: ciphers), protection.update() else {
      return nil
    }
    return unsafe record
  }
}
