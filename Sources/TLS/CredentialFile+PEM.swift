import COpenSSL

/// Owns a parsed certificate.
@safe
final class CertificateHandle: @unchecked Sendable {  // immutable; its reference count is atomic
  let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

  deinit { unsafe X509_free(pointer) }
}

/// Owns a parsed private key.
@safe
final class KeyHandle: @unchecked Sendable {  // immutable; its reference count is atomic
  let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

  deinit { unsafe EVP_PKEY_free(pointer) }
}

extension CredentialFile {
  /// All certificates in the file, in its order; at least one.
  func certificates() throws(CredentialError) -> [CertificateHandle] {
    let input = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
    defer { unsafe BIO_free(input) }
    ErrorQueue.clear()
    var certificates: [CertificateHandle] = []
    while let pointer = unsafe PEM_read_bio_X509(input, nil, nil, nil) {
      unsafe certificates.append(CertificateHandle(owning: pointer))
    }
    // The end of the file shows as "no start line"; anything else is a broken certificate.
    let isAtEnd = ErrorQueue.drained().contains(library: Int32(ERR_LIB_PEM), reason: PEM_R_NO_START_LINE)
    guard isAtEnd, !certificates.isEmpty else { throw CredentialError(file: path, problem: .noCertificate) }
    return certificates
  }

  /// The private key in the file.
  func privateKey() throws(CredentialError) -> KeyHandle {
    let input = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
    defer { unsafe BIO_free(input) }
    ErrorQueue.clear()
    var isEncrypted = false
    // Without a callback OpenSSL would ask for the passphrase on the terminal.
    let key = unsafe PEM_read_bio_PrivateKey(
      input, nil,
      { _, _, _, flag in
        unsafe flag?.storeBytes(of: true, as: Bool.self)
        return -1
      }, &isEncrypted)
    ErrorQueue.clear()
    guard let key = unsafe key else {
      throw CredentialError(file: path, problem: isEncrypted ? .encryptedKey : .noKey)
    }
    return unsafe KeyHandle(owning: key)
  }
}
