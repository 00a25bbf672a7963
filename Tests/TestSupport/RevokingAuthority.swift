import Foundation

/// An authority of `Deploy/certificates.sh` that revokes certificates, as an operator does it: with `openssl ca`.
package struct RevokingAuthority {
  /// A command of OpenSSL failed.
  package struct Failure: Error {
    /// Its output.
    package let output: String
  }

  /// The list in PEM form. It does not exist before ``publish()``.
  package let list: URL
  private let configuration: URL
  private let authority: URL

  /// - Parameters:
  ///   - authority: the folder with `ca.pem` and `ca.key`.
  ///   - folder: an empty folder for the books and the list.
  package init(_ authority: URL, in folder: URL) throws {
    self.authority = authority
    list = folder.appending(path: "revocations.pem")
    configuration = folder.appending(path: "ca.conf")
    let books = folder.appending(path: "index.txt")
    try Data().write(to: books)
    let text = """
      [ca]
      default_ca = ours
      [ours]
      database = \(books.path)
      default_md = sha256
      default_crl_days = 1
      """
    try Data(text.utf8).write(to: configuration)
  }

  /// Enters a certificate in the books.
  package func revoke(_ certificate: URL) throws { try openssl(["-revoke", certificate.path]) }

  /// Makes the list of all revoked certificates, and puts it in place by renaming it.
  ///
  /// - Parameter due: when the next list should have been made (`YYMMDDHHMMSSZ`); nil for tomorrow.
  package func publish(due: String? = nil) throws {
    let new = list.appendingPathExtension("new")
    let dates = due.map { ["-crl_lastupdate", "700101000000Z", "-crl_nextupdate", $0] } ?? []
    try openssl(["-gencrl", "-out", new.path] + dates)
    guard unsafe rename(new.path, list.path) == 0 else { throw Failure(output: "the list cannot be renamed") }
  }

  private func openssl(_ arguments: [String]) throws {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      [
        "openssl", "ca", "-config", configuration.path, "-cert", authority.appending(path: "ca.pem").path,
        "-keyfile", authority.appending(path: "ca.key").path,
      ] + arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(output: String(decoding: bytes, as: UTF8.self))
    }
  }
}
