/// The present operations on the hub: what its driver knows of certificates, watchers and operators.
public struct OperationFigures: Sendable {
  /// The number of present watchers of the status.
  public var watchers = 0
  /// How often callers were not let in, or lacked the right.
  public var refusals: [AdminRefusal: UInt64] = [:]
  /// The progress of a rebalance.
  public var rebalance = Rebalance()
  /// When the certificates expire, in seconds since 1970, by the peers that they are shown to.
  public var certificateEnds: [(shownTo: String, unixSeconds: Int64)] = []
  /// Whether the certificate and the authority of the link are valid at present; if not, no edge can link.
  public var isLinkCertificateValid = true

  /// Figures before anything is known.
  public init() {}
}
