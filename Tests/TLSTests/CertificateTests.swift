import TLS
import Testing

@Suite("A certificate")
struct CertificateTests {
  let certificates: CertificateFolder

  init() throws { certificates = try CertificateFolder.shared() }

  @Test("Its names, purpose, subject and validity are read")
  func hub() throws {
    let certificate = try certificates.identity("hub").certificate
    #expect(certificate.names == ["localhost"])
    #expect(certificate.purposes == .server)
    #expect(certificate.subject == "CN=emojitrack-relay hub")
    #expect(certificate.holder == "localhost")
    #expect(certificate.notAfter - certificate.notBefore == 30 * 86_400 + 3_600)
  }

  @Test("Without an extended key usage it names no purpose")
  func noPurpose() throws {
    #expect(try certificates.identity("edge-plain").certificate.purposes == [])
  }

  @Test("Fingerprints are 64 hexadecimal digits, and differ")
  func fingerprints() throws {
    let ours = try certificates.identity("edge-1").certificate.fingerprint
    let theirs = try certificates.identity("edge-1", in: certificates.theirs).certificate.fingerprint
    #expect(ours.utf8.count == 64)
    #expect(ours.allSatisfy { "0123456789abcdef".contains($0) })
    #expect(ours != theirs)
  }
}
