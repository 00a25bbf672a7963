/// One thing that can be asked of the admin API.
public enum AdminEndpoint: String, Equatable, Sendable, CaseIterable {
  // What can be seen.
  case status, events, edges, edge, connections, streams, ledger, configuration, version, document
  case rebalanceState
  case health, readiness, metrics
  // What can be done.
  case drain, undrain, shed, closeClients, setEdgeLogLevel, reloadEdge, forgetEdge
  case beginRebalance, endRebalance, setLogLevel, reload
}
