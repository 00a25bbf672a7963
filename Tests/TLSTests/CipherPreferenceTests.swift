import TLS
import Testing

@Suite("The order of ciphers")
struct CipherPreferenceTests {
  @Test(
    "AES comes first if the processor has instructions for AES and for its authentication",
    arguments: [
      ("OPENSSL_ia32cap=0xfffa3203078bffff:0x405fc6f1bf07ab", true),
      ("OPENSSL_ia32cap=0xfffa3203078bffff:0x405fc6f1bf07ab env:0x0", true),
      ("OPENSSL_ia32cap=0xfdfa3203078bffff:0x405fc6f1bf07ab", false),  // no AES-NI
      ("OPENSSL_ia32cap=0xfffa3201078bffff:0x405fc6f1bf07ab", false),  // no PCLMULQDQ
      ("OPENSSL_armcap=0xbd", true), ("OPENSSL_armcap=0x24", true),
      ("OPENSSL_armcap=0x1", false), ("OPENSSL_armcap=0x4", false),
      ("OPENSSL_riscvcap=RV64GC", false), ("OPENSSL_ia32cap=", false), ("OPENSSL_ia32cap=0x", false),
      ("OPENSSL_ia32cap", false), ("", false),
    ])
  func processors(settings: String, isAES: Bool) {
    #expect((CipherPreference(processorSettings: settings) == .aes) == isAES)
  }

  @Test("Either way the same ciphers are offered, all of them authenticated")
  func sameCiphers() {
    for list in [\CipherPreference.suites, \.ciphers] {
      let (aes, chacha) = (CipherPreference.aes[keyPath: list], CipherPreference.chacha[keyPath: list])
      #expect(Set(aes.split(separator: ":")) == Set(chacha.split(separator: ":")))
      #expect(aes.split(separator: ":").first?.contains("AES") == true)
      #expect(chacha.split(separator: ":").first?.contains("CHACHA20") == true)
    }
    #expect(CipherPreference.aes.suites.hasPrefix("TLS_AES_128_GCM_SHA256:"))
  }
}
