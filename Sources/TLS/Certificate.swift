import COpenSSL
import Glibc

/// The fields of a certificate that the project uses. A copy, independent of OpenSSL's object.
package struct Certificate: Hashable, Sendable {
  /// What a certificate may be used for (RFC 5280, section 4.2.1.12).
  package struct Purposes: OptionSet, Hashable, Sendable {
    /// The bits of the set.
    package let rawValue: UInt8

    /// A set of purposes from its bits.
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `serverAuth`: to be a server.
    package static let server = Purposes(rawValue: 1)

    /// `clientAuth`: to be a client.
    package static let client = Purposes(rawValue: 2)
  }

  /// The DNS names among its alternative names, in its order, without those that are not visible ASCII.
  package let names: [String]

  /// Its subject in the form of RFC 2253, with control and non-ASCII bytes escaped: fit for a log line.
  package let subject: String

  /// The second it becomes valid, counted from 1970-01-01 00:00:00 UTC.
  package let notBefore: Int64

  /// The last second it is valid, counted from 1970-01-01 00:00:00 UTC.
  package let notAfter: Int64

  /// The purposes that its extended key usage names; empty if it has none.
  package let purposes: Purposes

  /// What a revocation list calls it.
  let serial: CertificateSerial

  /// SHA-256 over the whole certificate, as 64 lower-case hexadecimal digits.
  package let fingerprint: String

  /// The holder's name for a log line: the first DNS name, or the subject if there is none.
  package var holder: String { names.first ?? subject }

  /// Copies the fields of a certificate without taking ownership.
  init(reading x509: OpaquePointer) {
    names = unsafe Self.names(in: x509)
    subject = unsafe Self.subject(of: x509)
    notBefore = unsafe Self.seconds(X509_get0_notBefore(x509))
    notAfter = unsafe Self.seconds(X509_get0_notAfter(x509))
    purposes = unsafe Self.purposes(of: x509)
    fingerprint = unsafe Self.fingerprint(of: x509)
    serial = unsafe CertificateSerial(
      issuer: X509_get_issuer_name(x509), number: X509_get0_serialNumber(x509))
    // Fields that could not be read stay empty; the verification judges them on its own.
    ErrorQueue.clear()
  }

  private static func names(in x509: OpaquePointer) -> [String] {
    guard let extensionValue = unsafe X509_get_ext_d2i(x509, NID_subject_alt_name, nil, nil) else {
      return []
    }
    let list = OpaquePointer(extensionValue)
    defer { unsafe GENERAL_NAMES_free(list) }
    return unsafe (0..<shim_sk_GENERAL_NAME_num(list)).compactMap { index in
      guard let name = unsafe shim_sk_GENERAL_NAME_value(list, index), unsafe name.pointee.type == GEN_DNS,
        let text = unsafe name.pointee.d.dNSName, let data = unsafe ASN1_STRING_get0_data(text)
      else { return nil }
      let bytes = unsafe UnsafeBufferPointer(start: data, count: Int(ASN1_STRING_length(text)))
      guard !bytes.isEmpty, unsafe bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
      return unsafe String(decoding: bytes, as: UTF8.self)
    }
  }

  private static func subject(of x509: OpaquePointer) -> String {
    let memory = unsafe BIO_new(BIO_s_mem())
    defer { unsafe BIO_free(memory) }
    var data: UnsafeMutablePointer<CChar>?
    guard unsafe shim_X509_NAME_print_RFC2253(memory, X509_get_subject_name(x509)) >= 0 else { return "" }
    let count = unsafe shim_BIO_get_mem_data(memory, &data)
    return unsafe String(decoding: UnsafeRawBufferPointer(start: data, count: count), as: UTF8.self)
  }

  private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
    var calendar = unsafe tm()
    return unsafe ASN1_TIME_to_tm(time, &calendar) == 1 ? Int64(timegm(&calendar)) : 0
  }

  private static func purposes(of x509: OpaquePointer) -> Purposes {
    // Without the extension OpenSSL sets all bits: every purpose is allowed. Here the purpose must be explicit.
    let bits = unsafe X509_get_extended_key_usage(x509)
    guard bits != UInt32.max else { return [] }
    var purposes: Purposes = []
    if bits & UInt32(XKU_SSL_SERVER) != 0 { purposes.insert(.server) }
    if bits & UInt32(XKU_SSL_CLIENT) != 0 { purposes.insert(.client) }
    return purposes
  }

  private static func fingerprint(of x509: OpaquePointer) -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard unsafe X509_digest(x509, EVP_sha256(), &digest, &count) == 1 else { return "" }
    return digest.prefix(Int(count)).map { byte in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }
}
