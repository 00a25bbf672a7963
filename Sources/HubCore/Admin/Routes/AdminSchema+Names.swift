import Wire

extension AdminSchema.Name {
  /// The schema with this name.
  var schema: AdminSchema {
    switch self {
    case .status: Self.statusSchema
    case .edges: .object([.init("edges", .array(.reference(.edge)))])
    case .edge: Self.edgeSchema
    case .connections: Self.connectionsSchema
    case .streams: Self.streamsSchema
    case .ledger: Self.ledgerSchema
    case .configuration:
      .object([
        .init(
          "settings",
          .array(.object([.init("key", .text), .init("value", .text), .init("source", .text)])))
      ])
    case .version:
      .object([
        .init("node", .text), .init("software", .text),
        .init("protocol", .object([.init("lowest", .integer), .init("highest", .integer)])),
      ])
    case .document:
      .object([
        .init("openapi", .text), .init("info", .map(.text)), .init("paths", .map(.anything)),
        .init("components", .map(.anything)), .init("security", .array(.anything)),
      ])
    case .rebalance:
      .object(
        [
          .init("status", .text), .init("state", .words(Rebalance.State.allCases.map(\.rawValue))),
          .init("rate", .integer), .init("released", .integer), .init("message", .text),
        ],
        [
          .init("share", .integer), .init("away", .integer), .init("spread_percent", .integer),
          .init("remaining", .integer),
        ])
    case .done:
      .object(
        [.init("status", .words(["OK"])), .init("message", .text)],
        [
          .init("edge", .text), .init("released", .integer), .init("remaining", .integer),
          .init("closed", .integer),
        ])
    case .problem: .object([.init("status", .text), .init("message", .text)])
    }
  }

  private static let statusSchema = AdminSchema.object([
    .init("node", .text), .init("status", .words(HubStatus.Health.allCases.map(\.rawValue))),
    .init("reported_at", .integer), .init("version", .text), .init("uptime_seconds", .integer),
    .init(
      "redis",
      .object(
        [
          .init("state", .words(["live", "interrupted"])), .init("detail", .text),
          .init("interruptions", .integer), .init("refused", .map(.text)),
        ], [.init("unanchored", .text)])),
    .init(
      "scores",
      .object([
        .init("lineage", .optional(.text)), .init("position", .integer), .init("standing", .text),
        .init("anchored", .boolean), .init("tracked_ids", .integer),
        .init("remembered_increments", .integer), .init("repaired", .integer),
        .init("unrepairable", .integer), .init("fences", fencesSchema),
      ])),
    .init(
      "messages",
      .object([
        .init("received", .integer), .init("packed", .map(.integer)), .init("rejected", .map(.integer)),
        .init("residual", .integer),
      ])),
    .init("queries", .map(.map(.integer))),
    .init(
      "ledger",
      .object([
        .init("balanced", .boolean), .init("missing", .integer), .init("repaired", .integer),
        .init("doubled", .integer),
      ])),
    .init("edges", .array(.reference(.edge))),
  ])

  private static let fencesSchema = AdminSchema.object([
    .init("total", .integer), .init("lineages_begun", .integer), .init("repaired_at_reconnect", .integer),
    .init("repaired_while_connected", .integer), .init("overcounted", .integer),
    .init("corrections", .integer),
    .init("drifts_explained", .integer), .init("feeder_atomic", .boolean),
  ])

  private static let edgeSchema = AdminSchema.object(
    [
      .init("node", .text), .init("state", .words(EdgeRegistry.State.allCases.map(\.rawValue))),
      .init("since", .integer), .init("address", .text), .init("version", .text),
    ],
    [
      .init("end", .words(EdgeLinkEnd.allCases.map(\.rawValue))), .init("flow", .text),
      .init("topics", .integer),
      .init("backlog_bytes", .integer), .init("round_trip_microseconds", .optional(.integer)),
      .init("skipped_raw", .integer), .init("skipped_topic_events", .integer), .init("reported_at", .integer),
      .init("behind", .integer), .init("report", .map(.integer)), .init("delivery_latency", histogramSchema),
      .init("lag", histogramSchema),
    ])

  private static let histogramSchema = AdminSchema.object([
    .init("buckets", .array(.integer)), .init("sum_microseconds", .integer),
  ])

  private static let connectionsSchema = AdminSchema.object([
    .init("edge", .text), .init("total", .integer), .init("offset", .integer),
    .init(
      "connections",
      .array(
        .object([
          .init("request_path", .text), .init("namespace", .text), .init("created_at", .integer),
          .init("client_ip", .text), .init("user_agent", .text),
        ]))),
  ])

  private static let streamsSchema = AdminSchema.object([
    .init("window_seconds", .number),
    .init(
      "streams",
      .array(
        .object([
          .init("stream", .words(StreamFigures.Kind.allCases.map(\.rawValue))), .init("clients", .integer),
          .init("edges", .integer), .init("events_per_second", .number),
        ]))),
    .init("topics", .integer),
    .init("top_by_total", .array(.object([.init("id", .text), .init("total", .integer)]))),
    .init("top_by_growth", .array(.object([.init("id", .text), .init("growth", .integer)]))),
  ])

  private static let ledgerSchema = AdminSchema.object([
    .init("lineage", .optional(.text)), .init("position", .integer),
    .init("standing", .text), .init("increments", .integer), .init("repaired", .integer),
    .init("unrepairable", .integer), .init("overcounted", .integer), .init("corrections", .integer),
    .init("fences", .integer),
    .init("residual", .integer), .init("balanced", .boolean), .init("missing", .integer),
    .init("doubled", .integer), .init("frames_sent", .integer),
    .init("skipped_raw", .integer), .init("skipped_topic_events", .integer),
    .init(
      "edges",
      .array(
        .object([
          .init("node", .text), .init("position", .optional(.integer)), .init("behind", .optional(.integer)),
          .init("frames_received", .optional(.integer)), .init("gaps_received", .optional(.integer)),
          .init("events_sent", .optional(.integer)), .init("events_summed", .optional(.integer)),
          .init("events_skipped", .optional(.integer)), .init("skipped_raw", .optional(.integer)),
          .init("skipped_topic_events", .optional(.integer)), .init("probe_position", .optional(.integer)),
          .init("ledger_received", .optional(.integer)), .init("ledger_missing", .optional(.integer)),
          .init("ledger_doubled", .optional(.integer)),
        ]))),
  ])
}
