/// The present operations on the hub: what its driver knows of certificates, watchers and operators.
package struct OperationFigures: Sendable {
  /// The number of present watchers of the status.
  package var watchers = 0
  /// How often callers were not let in, or lacked the right.
  package var refusals: [AdminRefusal: UInt64] = [:]
  /// The progress of a rebalance.
  package var rebalance = Rebalance()
  /// When the certificates expire, in seconds since 1970, by the peers that they are shown to.
  package var certificateEnds: [(shownTo: String, unixSeconds: Int64)] = []
  /// Whether the certificate and the authority of the link are valid at present; if not, no edge can link.
  package var isLinkCertificateValid = true

  /// Figures before anything is known.
  package init() {}
}
