import COpenSSL

/// libcrypto's ciphers for the records of one thread: one context for each suite and direction, which takes another
/// connection's key for each record. So a connection needs no memory besides its keys.
///
/// All sessions that use it are confined to one thread.
@safe
package final class RecordCiphers {
  /// The most records that are sealed with one key; then the next one is used. RFC 8446, section 5.5 allows 2^24.5
  /// full records for AES-GCM.
  let recordsPerKey: UInt64

  private let sealing: [OpaquePointer?]
  private let opening: [OpaquePointer?]
  /// Which contexts hold a key, by the suite; the lower bits for ``sealing``, the higher for ``opening``.
  private var keyed = 0

  private let nonce = UnsafeMutablePointer<UInt8>.allocate(capacity: RecordSuite.vectorCount)
  /// The last sealed record; its plaintext may be in place.
  private let record = UnsafeMutableRawBufferPointer.allocate(
    byteCount: RecordFormat.headerCount + RecordFormat.plaintextMaximum + RecordSuite.tagCount, alignment: 8)

  /// - Parameter recordsPerKey: fewer than the default are for tests.
  package init(recordsPerKey: UInt64 = 1 << 24) {
    self.recordsPerKey = recordsPerKey
    ErrorQueue.clear()
    unsafe sealing = RecordSuite.allCases.map { unsafe Self.context(for: $0, isSealing: 1) }
    unsafe opening = RecordSuite.allCases.map { unsafe Self.context(for: $0, isSealing: 0) }
    ErrorQueue.clear()
  }

  deinit {
    let contexts = unsafe sealing + opening
    for index in unsafe contexts.indices { unsafe EVP_CIPHER_CTX_free(contexts[index]) }
    unsafe nonce.deallocate()
    unsafe record.deallocate()
  }

  /// A context without a key; nil if libcrypto does not have the cipher here.
  private static func context(for suite: RecordSuite, isSealing: Int32) -> OpaquePointer? {
    let context = unsafe EVP_CIPHER_CTX_new()
    guard unsafe EVP_CipherInit_ex(context, suite.cipher, nil, nil, nil, isSealing) == 1 else {
      unsafe EVP_CIPHER_CTX_free(context)
      return nil
    }
    return unsafe context
  }

  /// Whether libcrypto has a suite's cipher here.
  func has(_ suite: RecordSuite) -> Bool {
    unsafe sealing[suite.rawValue] != nil && opening[suite.rawValue] != nil
  }

  /// Seals one record. The sequence number is the caller's to advance.
  ///
  /// - Parameter plaintext: the content, and the byte of its type; up to ``RecordFormat/plaintextMaximum`` bytes.
  /// - Returns: the record, valid until the next one is sealed; nil if the plaintext is longer, or libcrypto does not work.
  func seal(
    _ plaintext: UnsafeRawBufferPointer, with protection: borrowing RecordProtection
  ) -> UnsafeRawBufferPointer? {
    guard let count = unsafe seal(plaintext, with: protection, into: record) else { return nil }
    return unsafe UnsafeRawBufferPointer(rebasing: record[..<count])
  }

  /// Seals one record into memory of the caller's; see ``seal(_:with:)``.
  ///
  /// - Parameter target: with room for the record; it must not overlap the plaintext.
  /// - Returns: the record's length; nil if there is no room for it, or libcrypto does not work.
  func seal(
    _ plaintext: UnsafeRawBufferPointer, with protection: borrowing RecordProtection,
    into target: UnsafeMutableRawBufferPointer
  ) -> Int? {
    let context = unsafe sealing[protection.suite.rawValue]
    keyed |= 1 << protection.suite.rawValue
    let count = plaintext.count
    let length = RecordFormat.headerCount + count + RecordSuite.tagCount
    guard count <= RecordFormat.plaintextMaximum, length <= target.count,
      let start = unsafe target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    else { return nil }
    unsafe RecordFormat.writeHeader(ofBody: count + RecordSuite.tagCount, to: target)
    unsafe protection.writeNonce(to: nonce)
    let content = unsafe plaintext.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let body = unsafe start + RecordFormat.headerCount
    var written: Int32 = 0
    guard
      unsafe EVP_EncryptInit_ex(context, nil, nil, protection.key, nonce) == 1,
      unsafe EVP_EncryptUpdate(context, nil, &written, start, Int32(RecordFormat.headerCount)) == 1,
      unsafe EVP_EncryptUpdate(context, body, &written, content, Int32(count)) == 1,
      unsafe EVP_EncryptFinal_ex(context, body + count, &written) == 1,
      unsafe EVP_CIPHER_CTX_ctrl(
        context, EVP_CTRL_AEAD_GET_TAG, Int32(RecordSuite.tagCount), body + count) == 1
    else {
      ErrorQueue.clear()
      return nil
    }
    return length
  }

  /// Opens one record in place. The sequence number is the caller's to advance.
  ///
  /// - Parameter record: header, ciphertext and tag. Afterwards the plaintext stands where the ciphertext was.
  /// - Returns: whether the record is authentic; if not, its body is undefined.
  func open(
    _ record: UnsafeMutableRawBufferPointer, with protection: borrowing RecordProtection
  ) -> Bool {
    let context = unsafe opening[protection.suite.rawValue]
    keyed |= 1 << (protection.suite.rawValue + RecordSuite.allCases.count)
    let count = record.count - RecordFormat.headerCount - RecordSuite.tagCount
    guard count > 0, let start = unsafe record.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
      return false
    }
    unsafe protection.writeNonce(to: nonce)
    let body = unsafe start + RecordFormat.headerCount
    var written: Int32 = 0
    let isAuthentic =
      unsafe EVP_DecryptInit_ex(context, nil, nil, protection.key, nonce) == 1
      && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(RecordSuite.tagCount), body + count) == 1
      && EVP_DecryptUpdate(context, nil, &written, start, Int32(RecordFormat.headerCount)) == 1
      && EVP_DecryptUpdate(context, body, &written, body, Int32(count)) == 1
      && EVP_DecryptFinal_ex(context, body + count, &written) == 1
    if !isAuthentic { ErrorQueue.clear() }
    return isAuthentic
  }

  /// Replaces the keys in the contexts, so that no connection's key stays in memory that a core dump shows.
  func forgetKeys() {
    guard keyed != 0 else { return }
    let zeros = [UInt8](repeating: 0, count: 32)
    let contexts = unsafe sealing + opening
    for index in unsafe contexts.indices where keyed & 1 << index != 0 {
      _ = unsafe EVP_CipherInit_ex(contexts[index], nil, nil, zeros, zeros, -1)
    }
    keyed = 0
  }
}
