import COpenSSL

/// The cipher suites of TLS 1.3 (RFC 8446, appendix B.4) whose records are sealed and opened without an `SSL` object.
package enum RecordSuite: Int, CaseIterable, Sendable {
  /// `TLS_AES_128_GCM_SHA256`.
  case aes128
  /// `TLS_AES_256_GCM_SHA384`.
  case aes256
  /// `TLS_CHACHA20_POLY1305_SHA256`.
  case chacha

  /// The initialization vector's length, in bytes; the same for all of them.
  static let vectorCount = 12

  /// The authentication tag's length, in bytes; the same for all of them.
  static let tagCount = 16

  /// - Parameter identifier: the suite's number in a handshake; nil for a suite that is not here.
  init?(identifier: UInt16) {
    switch identifier {
    case 0x1301: self = .aes128
    case 0x1302: self = .aes256
    case 0x1303: self = .chacha
    default: return nil
    }
  }

  /// The key's length, in bytes.
  var keyCount: Int { self == .aes128 ? 16 : 32 }

  /// The length of a traffic secret, in bytes: that of the suite's hash.
  var secretCount: Int { self == .aes256 ? 48 : 32 }

  /// The suite's hash, in OpenSSL's name.
  var digestName: StaticString { self == .aes256 ? "SHA2-384" : "SHA2-256" }

  /// The suite's cipher.
  var cipher: OpaquePointer? {
    switch self {
    case .aes128: unsafe EVP_aes_128_gcm()
    case .aes256: unsafe EVP_aes_256_gcm()
    case .chacha: unsafe EVP_chacha20_poly1305()
    }
  }
}
