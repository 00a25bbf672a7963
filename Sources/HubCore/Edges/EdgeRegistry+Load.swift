import Wire

extension EdgeRegistry {
  /// How many edges have a link.
  package var linkCount: Int { records.count { $0.link != nil } }
}

extension EdgeRegistry.Record {
  /// The most clients of a stream that an edge is believed to have, so that no sum over all edges exceeds an `Int`.
  package static let clientsMaximum = 1_000_000_000

  /// The number of its clients, from its last report.
  package var clientCount: Int {
    let fields: [ReportField] = [
      .clientsRaw, .clientsEPS, .clientsDetails, .clientsAllDetails, .clientsInteraction,
    ]
    return fields.reduce(0) { sum, field in sum + min(Self.clientsMaximum, Int(clamping: report?[field] ?? 0))
    }
  }

  /// True if it is live and accepts clients.
  package var takesClients: Bool { state == .live && link != nil && report?[.isDraining] != 1 }
}
