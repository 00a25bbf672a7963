/// How the hub is being operated: what its driver knows of certificates, watchers and operators.
public struct OperationFigures: Sendable {
  /// How many watch the status at present.
  public var watchers = 0
  /// How often somebody was not let in, or might not do what he asked for.
  public var refusals: [AdminRefusal: UInt64] = [:]
  /// How clients are being spread anew.
  public var rebalance = Rebalance()
  /// When the certificates that are shown end, in seconds since 1970, by who is shown them.
  public var certificateEnds: [(shownTo: String, unixSeconds: Int64)] = []
  /// Whether the certificate and the authority of the link are valid at present; if not, no edge can link.
  public var isLinkCertificateValid = true

  /// Nothing is known yet.
  public init() {}
}
