import COpenSSL

/// The certificates that their authorities have revoked (RFC 5280, section 5).
///
/// A list counts until it is replaced, whatever its dates are: a list that was not renewed in time must not let a stolen
/// certificate in again, nor keep all the others out.
package struct RevokedCertificates: Hashable, Sendable {
  private let serials: Set<CertificateSerial>

  /// No certificate is revoked.
  static let none = RevokedCertificates([])

  private init(_ serials: Set<CertificateSerial>) { self.serials = serials }

  /// Whether a certificate is revoked.
  package func contains(_ certificate: Certificate) -> Bool {
    !serials.isEmpty && serials.contains(certificate.serial)
  }

  /// Reads complete lists, in PEM form.
  ///
  /// - Parameter authorities: the certificates of which one must have signed each list.
  init(file: String, signedBy authorities: [CertificateHandle]) throws(CredentialError) {
    var serials: Set<CertificateSerial> = []
    for list in try CredentialFile.read(file, isSecret: false).revocationLists() {
      let isSigned = authorities.contains { list.isSigned(by: $0) }
      guard isSigned else { throw CredentialError(file: file, problem: .foreignRevocationList) }
      guard !list.isPartial else { throw CredentialError(file: file, problem: .partialRevocationList) }
      serials.formUnion(list.serials)
    }
    self.init(serials)
  }
}

/// What identifies a certificate among all of its deployment: its issuer's name, as OpenSSL's hash of the canonical form,
/// and its serial number.
struct CertificateSerial: Hashable, Sendable {
  private let issuer: UInt
  private let number: [UInt8]

  init(issuer: OpaquePointer?, number: UnsafePointer<ASN1_INTEGER>?) {
    self.issuer = unsafe issuer.map { unsafe UInt(X509_NAME_hash_ex($0, nil, nil, nil)) } ?? 0
    let count = unsafe Int(ASN1_STRING_length(number))
    let bytes = unsafe UnsafeBufferPointer(start: ASN1_STRING_get0_data(number), count: count)
    unsafe self.number = Array(bytes)
  }
}

/// Owns a parsed revocation list.
@safe
final class RevocationListHandle {
  private let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

  deinit { unsafe X509_CRL_free(pointer) }

  func isSigned(by authority: CertificateHandle) -> Bool {
    defer { ErrorQueue.clear() }
    let isIssuer =
      unsafe X509_NAME_cmp(X509_CRL_get_issuer(pointer), X509_get_subject_name(authority.pointer)) == 0
    return unsafe isIssuer && X509_CRL_verify(pointer, X509_get0_pubkey(authority.pointer)) == 1
  }

  /// Whether an extension says that the list is not all of its authority's: only such ones are critical.
  var isPartial: Bool { unsafe X509_CRL_get_ext_by_critical(pointer, 1, -1) >= 0 }

  /// The revoked certificates.
  var serials: [CertificateSerial] {
    let entries = unsafe X509_CRL_get_REVOKED(pointer)
    let issuer = unsafe X509_CRL_get_issuer(pointer)
    return unsafe (0..<max(0, shim_sk_X509_REVOKED_num(entries))).map { index in
      let entry = unsafe shim_sk_X509_REVOKED_value(entries, index)
      return unsafe CertificateSerial(issuer: issuer, number: X509_REVOKED_get0_serialNumber(entry))
    }
  }
}

extension CredentialFile {
  /// All revocation lists in the file; at least one.
  func revocationLists() throws(CredentialError) -> [RevocationListHandle] {
    let input = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
    defer { unsafe BIO_free(input) }
    ErrorQueue.clear()
    var lists: [RevocationListHandle] = []
    while let pointer = unsafe PEM_read_bio_X509_CRL(input, nil, nil, nil) {
      unsafe lists.append(RevocationListHandle(owning: pointer))
    }
    // The end of the file shows as "no start line"; anything else is a broken list.
    let isAtEnd = ErrorQueue.drained().contains(library: Int32(ERR_LIB_PEM), reason: PEM_R_NO_START_LINE)
    guard isAtEnd, !lists.isEmpty else { throw CredentialError(file: path, problem: .noRevocationList) }
    return lists
  }
}
