/// The kinds of listener of the admin API.
enum AdminListener: Equatable, Sendable {
  /// `admin.listen`: plain, from this machine only.
  case local
  /// `admin.https.listen`: TLS.
  case secure
  /// `status.listen`: plain, from any machine, for probes and Prometheus.
  case status
}
