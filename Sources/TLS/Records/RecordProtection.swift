import COpenSSL

/// The keys of one direction of a TLS 1.3 connection, and its sequence number (RFC 8446, sections 5.3, 7.2 and 7.3).
@safe
package struct RecordProtection: ~Copyable {
  let suite: RecordSuite
  private let memory: SecretMemory

  // Where things are in the memory.
  private static let vector = 8
  private static let key = 24
  private static let secret = 56

  private init(_ suite: RecordSuite, _ memory: consuming SecretMemory) {
    self.suite = suite
    self.memory = memory
  }

  /// The keys that follow from a traffic secret; the next record is the first.
  ///
  /// - Parameter secret: as long as the suite's hash; nil is returned for any other, or if there is no memory.
  package static func derived(from secret: [UInt8], _ suite: RecordSuite) -> RecordProtection? {
    guard secret.count == suite.secretCount, let memory = SecretMemory() else { return nil }
    let protection = RecordProtection(suite, memory)
    unsafe protection.secretBytes.copyBytes(from: secret)
    guard protection.deriveKeys() else { return nil }
    return protection
  }

  /// A traffic secret in hexadecimal, as OpenSSL logs it, without its keys (``deriveKeys()``): most sessions end before
  /// they need them. The secret is copied nowhere else.
  static func noted(
    fromHexadecimal digits: UnsafeBufferPointer<UInt8>, _ suite: RecordSuite
  ) -> RecordProtection? {
    guard digits.count == 2 * suite.secretCount, let memory = SecretMemory() else { return nil }
    let protection = RecordProtection(suite, memory)
    for index in 0..<suite.secretCount {
      guard let high = unsafe Character(Unicode.Scalar(digits[2 * index])).hexDigitValue,
        let low = unsafe Character(Unicode.Scalar(digits[2 * index + 1])).hexDigitValue
      else { return nil }
      unsafe protection.secretBytes[index] = UInt8(high << 4 | low)
    }
    return protection
  }

  /// The number of the next record.
  var sequence: UInt64 {
    get { unsafe memory.start.load(as: UInt64.self) }
    nonmutating set { unsafe memory.start.storeBytes(of: newValue, as: UInt64.self) }
  }

  /// Prefetches what sealing needs: number, vector and key are the first 56 bytes.
  func prefetch() { unsafe shim_prefetch(memory.start) }

  /// A record was sealed or opened.
  ///
  /// Without `+=`, because Swift 6.3 cannot compile that under the thread sanitizer: the setter changes the memory, and not the
  /// value.
  func advance() { sequence = sequence + 1 }

  /// The key of the next record.
  var key: UnsafePointer<UInt8> {
    unsafe UnsafePointer((memory.start + Self.key).assumingMemoryBound(to: UInt8.self))
  }

  /// Writes the next record's nonce: the sequence number, padded in front, combined with the initialization vector.
  ///
  /// - Parameter target: 12 bytes.
  func writeNonce(to target: UnsafeMutableRawPointer) {
    let vector = unsafe memory.start + Self.vector
    unsafe target.storeBytes(of: vector.loadUnaligned(as: UInt32.self), as: UInt32.self)
    let end = unsafe (vector + 4).loadUnaligned(as: UInt64.self)
    unsafe (target + 4).storeBytes(of: end ^ sequence.bigEndian, as: UInt64.self)
  }

  /// Replaces the keys by the next ones, as both sides do after a KeyUpdate message.
  ///
  /// - Returns: false if libcrypto does not work; the keys are then useless.
  func update() -> Bool {
    unsafe withUnsafeTemporaryAllocation(byteCount: suite.secretCount, alignment: 1) { next in
      defer { unsafe OPENSSL_cleanse(next.baseAddress, next.count) }
      guard
        unsafe KeySchedule.expand(
          UnsafeRawBufferPointer(secretBytes), label: "traffic upd", suite, into: next)
      else { return false }
      unsafe secretBytes.copyMemory(from: UnsafeRawBufferPointer(next))
      return deriveKeys()
    }
  }

  /// Derives the keys from the secret; the next record is the first.
  ///
  /// - Returns: false if libcrypto does not work; the keys are then useless.
  func deriveKeys() -> Bool {
    let vector = unsafe UnsafeMutableRawBufferPointer(
      start: memory.start + Self.vector, count: RecordSuite.vectorCount)
    let secret = unsafe UnsafeRawBufferPointer(secretBytes)
    guard
      unsafe KeySchedule.expand(secret, label: "key", suite, into: keyBytes)
        && KeySchedule.expand(secret, label: "iv", suite, into: vector)
    else { return false }
    // Only now: an old key must not meet a number that it has sealed with.
    sequence = 0
    return true
  }

  private var keyBytes: UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(start: memory.start + Self.key, count: suite.keyCount)
  }

  private var secretBytes: UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(start: memory.start + Self.secret, count: suite.secretCount)
  }
}
