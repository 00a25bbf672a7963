/// An endpoint of the admin API.
package enum AdminEndpoint: String, Equatable, Sendable, CaseIterable {
  // Endpoints that show something.
  case status, events, edges, edge, connections, streams, ledger, configuration, version, document
  case rebalanceState
  case health, readiness, metrics
  // Endpoints that change something.
  case drain, undrain, shed, closeClients, setEdgeLogLevel, reloadEdge, forgetEdge
  case beginRebalance, endRebalance, setLogLevel, reload
}
