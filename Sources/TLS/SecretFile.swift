/// A secret file that is not a key, such as a list of tokens.
package enum SecretFile {
  /// Reads a file that only its owner, this process's user or root, can read; root may also open it to one group. At
  /// most 1 MiB.
  ///
  /// - Throws: the problem with the file.
  package static func bytes(of path: String) throws(CredentialError) -> [UInt8] {
    let file = try CredentialFile.read(path, isSecret: true)
    return unsafe Array(file.bytes)
  }
}
