/// An authority whose signatures on certificates are trusted.
package enum Authority: Hashable, Sendable {
  /// Exactly the certificates in this PEM file, and no other.
  case file(String)

  /// The authorities that the operating system trusts.
  case systemStore
}

extension Authority: CustomStringConvertible {
  /// For use in "is not signed by …".
  package var description: String {
    switch self {
    case .file(let path): "an authority in \(path)"
    case .systemStore: "an authority that this system trusts"
    }
  }
}
