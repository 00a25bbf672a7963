import COpenSSL

/// The keys that seal a session ticket (RFC 5077, section 4), with the name by which tickets refer to them.
///
/// They are random, and wiped when they are no longer needed.
@safe
package final class TicketKey: @unchecked Sendable {  // never changed after it is made
  /// The length of a key's name, in bytes: OpenSSL's ticket begins with the name.
  package static let nameCount = 16

  private static let keyCount = 32
  /// The length of a secret, in bytes.
  package static let secretCount = nameCount + 2 * keyCount

  /// The name, the key for AES-256, and the key for HMAC with SHA-256.
  private let bytes: UnsafeMutableRawBufferPointer

  /// A new key.
  ///
  /// - Throws: if the system gives no random bytes.
  package init() throws(TLSFailure) {
    unsafe bytes = .allocate(byteCount: Self.secretCount, alignment: 1)
    ErrorQueue.clear()
    let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard unsafe RAND_priv_bytes(start, Int32(bytes.count)) == 1 else {
      throw TLSFailure(.other, "OpenSSL cannot create a ticket key: \(ErrorQueue.drained().text)")
    }
  }

  /// A key that others have too.
  ///
  /// - Parameter secret: its ``secretCount`` bytes: the name, the key for AES-256, and the key for HMAC with SHA-256.
  package init(secret: [UInt8]) {
    precondition(secret.count == Self.secretCount)
    unsafe bytes = .allocate(byteCount: Self.secretCount, alignment: 1)
    unsafe bytes.copyBytes(from: secret)
  }

  deinit {
    unsafe OPENSSL_cleanse(bytes.baseAddress, bytes.count)
    unsafe bytes.deallocate()
  }

  private var name: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(rebasing: bytes[..<Self.nameCount])
  }

  /// True if a ticket that begins with these 16 bytes was sealed with this key.
  func hasName(_ other: UnsafePointer<UInt8>) -> Bool {
    // A name is not a secret: each ticket shows it, so the comparison need not take constant time.
    unsafe name.elementsEqual(UnsafeRawBufferPointer(start: other, count: Self.nameCount))
  }

  /// Sets up OpenSSL to seal a ticket: writes the key's name and a new initialization vector.
  func seal(
    name: UnsafeMutablePointer<UInt8>, vector: UnsafeMutablePointer<UInt8>, _ cipher: OpaquePointer?,
    _ authentication: OpaquePointer?
  ) -> Bool {
    unsafe UnsafeMutableRawBufferPointer(start: name, count: Self.nameCount).copyMemory(from: self.name)
    let method = unsafe EVP_aes_256_cbc()
    return unsafe RAND_bytes(vector, EVP_CIPHER_get_iv_length(method)) == 1
      && EVP_EncryptInit_ex(cipher, method, nil, key(0), vector) == 1
      && authenticate(authentication)
  }

  /// Sets up OpenSSL to open a ticket that this key sealed.
  func open(
    vector: UnsafePointer<UInt8>, _ cipher: OpaquePointer?, _ authentication: OpaquePointer?
  ) -> Bool {
    unsafe authenticate(authentication)
      && EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nil, key(0), vector) == 1
  }

  private func authenticate(_ authentication: OpaquePointer?) -> Bool {
    // The parameters refer to both texts, which must stay in place until they are read.
    unsafe OSSL_MAC_PARAM_DIGEST.withCString { name in
      unsafe "SHA256".withCString { digest in
        let parameters = unsafe [
          OSSL_PARAM_construct_utf8_string(name, UnsafeMutablePointer(mutating: digest), 0),
          OSSL_PARAM_construct_end(),
        ]
        return unsafe EVP_MAC_init(authentication, key(1), Self.keyCount, parameters) == 1
      }
    }
  }

  private func key(_ index: Int) -> UnsafeMutablePointer<UInt8>? {
    let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    return unsafe start?.advanced(by: Self.nameCount + index * Self.keyCount)
  }
}
