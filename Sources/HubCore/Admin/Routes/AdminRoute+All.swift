extension AdminRoute {
  /// The levels of the log, most verbose first.
  static let logLevels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
  /// The most connections on one page.
  static let connectionsMaximum: UInt64 = 200

  private static let level = AdminParameter(
    name: "level", kind: .word(logLevels), isRequired: true, meaning: "The lowest level that is logged"
  )

  private static func window(_ meaning: String) -> AdminParameter {
    AdminParameter(name: "window", kind: .count(0...3_600), meaning: meaning)
  }

  private static func get(
    _ endpoint: AdminEndpoint, _ path: String, _ summary: String, _ content: Content,
    _ parameters: [AdminParameter] = [], isOpen: Bool = false
  ) -> AdminRoute {
    AdminRoute(
      endpoint: endpoint, verb: .get, path: path, summary: summary, content: content, parameters: parameters,
      isOpen: isOpen)
  }

  private static func post(
    _ endpoint: AdminEndpoint, _ path: String, _ summary: String, _ schema: AdminSchema.Name,
    _ parameters: [AdminParameter] = [], choice: AdminRoute.Choice? = nil
  ) -> AdminRoute {
    AdminRoute(
      endpoint: endpoint, verb: .post, path: path, summary: summary, content: .json(schema),
      parameters: parameters, choice: choice)
  }

  /// All routes but the files of the dashboard.
  static let all: [AdminRoute] = seen + done

  private static let seen = [
    get(
      .status, "/admin/status.json", "The hub and all edges, with the predecessors' fields", .json(.status)),
    get(.events, "/admin/events", "The same each second, as server-sent events", .other("text/event-stream")),
    get(.edges, "/admin/edges", "All edges", .json(.edges)),
    get(.edge, "/admin/edges/{name}", "One edge", .json(.edge)),
    get(
      .connections, "/admin/edges/{name}/connections",
      "The clients that stream from an edge, one page at a time",
      .json(.connections),
      [
        AdminParameter(name: "offset", kind: .count(0...10_000_000), meaning: "How many to skip"),
        AdminParameter(
          name: "limit", kind: .count(1...connectionsMaximum), meaning: "How many to show; 100 by default"),
      ]),
    get(
      .streams, "/admin/streams", "Rates, clients and interest by stream; the greatest ids", .json(.streams)),
    get(.ledger, "/admin/ledger", "Whether deliveries and totals agree", .json(.ledger)),
    get(
      .configuration, "/admin/configuration", "The settings in force, without secrets", .json(.configuration)),
    get(.version, "/admin/version", "The software and the protocol it speaks", .json(.version)),
    get(.document, "/admin/openapi.json", "This description", .json(.document)),
    get(.rebalanceState, "/admin/rebalance", "The progress of the rebalance", .json(.rebalance)),
    get(.health, "/healthz", "Whether the process is alive", .other("text/plain"), isOpen: true),
    get(.readiness, "/readyz", "Whether the hub can serve edges", .other("text/plain"), isOpen: true),
    get(.metrics, "/metrics", "Figures for Prometheus", .other("text/plain"), isOpen: true),
  ]

  private static let done = [
    post(
      .drain, "/admin/edges/{name}/drain", "Makes an edge reject new clients and release all others", .done,
      [
        window("Over how many seconds its clients are released"),
        AdminParameter(
          name: "announce", kind: .count(0...600),
          meaning:
            "For how many seconds before that the edge reports that it is not ready, but still accepts clients"
        ),
      ]),
    post(.undrain, "/admin/edges/{name}/undrain", "Makes an edge accept clients again", .done),
    post(
      .shed, "/admin/edges/{name}/shed",
      "Makes an edge release some of its clients; give either clients or percent",
      .done,
      [
        AdminParameter(name: "clients", kind: .count(1...10_000_000), meaning: "How many"),
        AdminParameter(
          name: "percent", kind: .count(1...100),
          meaning: "How many, as a percentage of those in its latest report"),
        window("Over how many seconds; 10 by default"),
      ], choice: .exactlyOne(["clients", "percent"])),
    post(
      .closeClients, "/admin/edges/{name}/close",
      "Makes an edge release the clients of an address, of a stream, or of that stream from that address",
      .done,
      [
        AdminParameter(name: "address", kind: .address, meaning: "The address of the clients"),
        AdminParameter(name: "stream", kind: .stream, meaning: "The stream that they read"),
      ], choice: .atLeastOne(["address", "stream"])),
    post(
      .setEdgeLogLevel, "/admin/edges/{name}/log-level", "Sets what an edge logs until it restarts", .done,
      [level]),
    post(
      .reloadEdge, "/admin/edges/{name}/reload",
      "Makes an edge read its configuration and certificates again",
      .done),
    AdminRoute(
      endpoint: .forgetEdge, verb: .delete, path: "/admin/edges/{name}",
      summary: "Forgets an edge that is away and will not come back", content: .json(.done)),
    post(
      .beginRebalance, "/admin/rebalance", "Spreads the clients over the edges, from the fullest", .rebalance,
      [
        AdminParameter(
          name: "rate", kind: .count(0...100_000),
          meaning:
            "How many clients are released each second at most, in all; 0 ends the rebalance, 200 is the default"
        )
      ]),
    AdminRoute(
      endpoint: .endRebalance, verb: .delete, path: "/admin/rebalance", summary: "Ends the rebalance",
      content: .json(.rebalance)),
    post(.setLogLevel, "/admin/log-level", "Sets what the hub logs until it restarts", .done, [level]),
    post(.reload, "/admin/reload", "Reads the hub's configuration, certificates and tokens again", .done),
  ]
}
