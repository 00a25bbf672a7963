import COpenSSL

/// The order of equally safe ciphers: the faster one on this processor comes first.
package enum CipherPreference: Hashable, Sendable {
  /// AES in counter mode with GHASH, where the processor has instructions for both.
  case aes
  /// ChaCha20 with Poly1305: faster than AES everywhere else.
  case chacha

  /// The preference for the processor of this machine.
  package static let here: CipherPreference = {
    let settings = unsafe OPENSSL_info(OPENSSL_INFO_CPU_SETTINGS).map { unsafe String(cString: $0) }
    return CipherPreference(processorSettings: settings ?? "")
  }()

  /// Reads OpenSSL's findings about the processor, such as `OPENSSL_ia32cap=0x…:0x…`, so that the preference matches
  /// what OpenSSL will use. Unreadable text counts as a processor without instructions for AES.
  ///
  /// The bits are those of OPENSSL_ia32cap(3) (AES-NI 57, PCLMULQDQ 33) and of OpenSSL's `arm_arch.h` (AES 2, PMULL
  /// 5).
  package init(processorSettings: String) {
    let parts = processorSettings.split(separator: "=", maxSplits: 1)
    let instructions: [Substring: UInt64] = [
      "OPENSSL_ia32cap": 1 << 57 | 1 << 33, "OPENSSL_armcap": 1 << 2 | 1 << 5,
    ]
    guard parts.count == 2, parts[1].hasPrefix("0x"), let needed = instructions[parts[0]],
      let found = UInt64(parts[1].dropFirst(2).prefix { $0.isHexDigit }, radix: 16)
    else {
      self = .chacha
      return
    }
    self = found & needed == needed ? .aes : .chacha
  }

  /// The suites of TLS 1.3, the best first, in OpenSSL's names.
  package var suites: String {
    let aes = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"]
    return ordered(aes, "TLS_CHACHA20_POLY1305_SHA256")
  }

  /// The ciphers of TLS 1.2, the best first, in OpenSSL's names: only forward secret and authenticated ones.
  package var ciphers: String { ordered(["ECDHE+AESGCM+AES128", "ECDHE+AESGCM+AES256"], "ECDHE+CHACHA20") }

  private func ordered(_ aes: [String], _ chacha: String) -> String {
    (self == .aes ? aes + [chacha] : [chacha] + aes).joined(separator: ":")
  }
}
