import COpenSSL

/// The part of TLS 1.3's key schedule that follows a handshake (RFC 8446, sections 7.1 to 7.3).
enum KeySchedule {
  /// libcrypto's HKDF-Expand-Label.
  private nonisolated(unsafe) static let function = unsafe EVP_KDF_fetch(nil, "TLS13-KDF", nil)

  /// HKDF-Expand-Label of a secret with an empty context.
  ///
  /// - Parameters:
  ///   - label: without the prefix "tls13 ".
  ///   - target: filled with the result.
  /// - Returns: false if libcrypto does not work; the target is then undefined.
  static func expand(
    _ secret: UnsafeRawBufferPointer, label: StaticString, _ suite: RecordSuite,
    into target: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard let context = unsafe EVP_KDF_CTX_new(function) else { return false }
    defer { unsafe EVP_KDF_CTX_free(context) }
    var mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY
    // libcrypto reads the texts and the mode within the last call only.
    return unsafe withUnsafeMutablePointer(to: &mode) { mode in
      let parameters = unsafe [
        OSSL_PARAM_construct_int(text("mode"), mode),
        OSSL_PARAM_construct_utf8_string(
          text("digest"), UnsafeMutablePointer(mutating: text(suite.digestName)), 0),
        octets("key", secret),
        octets("prefix", bytes("tls13 ")),
        octets("label", bytes(label)),
        OSSL_PARAM_construct_end(),
      ]
      let start = unsafe target.baseAddress?.assumingMemoryBound(to: UInt8.self)
      return unsafe EVP_KDF_derive(context, start, target.count, parameters) == 1
    }
  }

  private static func octets(_ name: StaticString, _ value: UnsafeRawBufferPointer) -> OSSL_PARAM {
    unsafe OSSL_PARAM_construct_octet_string(
      text(name), UnsafeMutableRawPointer(mutating: value.baseAddress), value.count)
  }

  private static func bytes(_ text: StaticString) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  /// A text that ends with a zero byte, and exists for ever.
  private static func text(_ text: StaticString) -> UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
  }
}
