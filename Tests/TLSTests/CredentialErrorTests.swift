import TLS
import Testing

@Suite("An error about a file")
struct CredentialErrorTests {
  @Test(
    "It names the file, the problem and, if there is one, the remedy",
    arguments: [
      (CredentialError.Problem.missing, "k.pem: there is no such file"),
      (.unreadable("Permission denied"), "k.pem: cannot be read: Permission denied"),
      (
        .exposed("can be read by others (mode 0644)"),
        "k.pem: this file can be read by others (mode 0644); close it to others: its user's own (chmod 600), or root's and readable by one group (chmod 640)"
      ),
      (
        .keyMismatch(certificateFile: "c.pem"),
        "k.pem: this private key does not belong to the certificate in c.pem"
      ),
      (.expired(notAfter: 0), "k.pem: this certificate expired on 1970-01-01 00:00:00 UTC"),
      (.expired(notAfter: 1_709_210_096), "k.pem: this certificate expired on 2024-02-29 12:34:56 UTC"),
      (
        .notYetValid(notBefore: 4_102_444_799),
        "k.pem: this certificate is not valid before 2099-12-31 23:59:59 UTC"
      ),
      (
        .wrongPurpose(needed: "serverAuth"),
        "k.pem: this certificate lacks serverAuth in its extended key usage"
      ),
    ])
  func sentences(problem: CredentialError.Problem, sentence: String) {
    #expect(CredentialError(file: "k.pem", problem: problem).description == sentence)
  }
}
