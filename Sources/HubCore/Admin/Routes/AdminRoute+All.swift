extension AdminRoute {
  /// The levels of the log, most verbose first.
  static let logLevels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
  /// The most connections on one page.
  static let connectionsMaximum: UInt64 = 200

  private static let level = AdminParameter(
    name: "level", kind: .word(logLevels), isRequired: true, meaning: "The least severe lines that are logged"
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
      .connections, "/admin/edges/{name}/connections", "Those who stream from an edge, a page at a time",
      .json(.connections),
      [
        AdminParameter(name: "offset", kind: .count(0...10_000_000), meaning: "How many to pass over"),
        AdminParameter(
          name: "limit", kind: .count(1...connectionsMaximum), meaning: "How many to show; 100 if not said"),
      ]),
    get(
      .streams, "/admin/streams", "Rates, clients and interest by stream; the greatest ids", .json(.streams)),
    get(.ledger, "/admin/ledger", "Whether what came in and what went out add up", .json(.ledger)),
    get(
      .configuration, "/admin/configuration", "The settings in force, without secrets", .json(.configuration)),
    get(.version, "/admin/version", "The software and the protocol it speaks", .json(.version)),
    get(.document, "/admin/openapi.json", "This description", .json(.document)),
    get(.rebalanceState, "/admin/rebalance", "Whether clients are being spread anew", .json(.rebalance)),
    get(.health, "/healthz", "Alive", .other("text/plain"), isOpen: true),
    get(.readiness, "/readyz", "Fit to serve edges", .other("text/plain"), isOpen: true),
    get(.metrics, "/metrics", "Figures for Prometheus", .other("text/plain"), isOpen: true),
  ]

  private static let done = [
    post(
      .drain, "/admin/edges/{name}/drain", "Has an edge accept nobody and release its clients", .done,
      [
        window("Over how many seconds its clients are released"),
        AdminParameter(
          name: "announce", kind: .count(0...600),
          meaning: "For how many seconds before that it says that it is not ready, and still serves newcomers"
        ),
      ]),
    post(.undrain, "/admin/edges/{name}/undrain", "Has an edge accept clients again", .done),
    post(
      .shed, "/admin/edges/{name}/shed", "Has an edge release some of its clients; say clients or percent",
      .done,
      [
        AdminParameter(name: "clients", kind: .count(1...10_000_000), meaning: "How many"),
        AdminParameter(
          name: "percent", kind: .count(1...100), meaning: "Which share of those in its latest report"),
        window("Over how many seconds; 10 if not said"),
      ], choice: .exactlyOne(["clients", "percent"])),
    post(
      .closeClients, "/admin/edges/{name}/close",
      "Has an edge release the clients of an address, of a stream, or of that stream from that address",
      .done,
      [
        AdminParameter(name: "address", kind: .address, meaning: "Where the clients are"),
        AdminParameter(name: "stream", kind: .stream, meaning: "What they listen to"),
      ], choice: .atLeastOne(["address", "stream"])),
    post(
      .setEdgeLogLevel, "/admin/edges/{name}/log-level", "Sets what an edge logs until it restarts", .done,
      [level]),
    post(
      .reloadEdge, "/admin/edges/{name}/reload", "Has an edge read its configuration and certificates again",
      .done),
    AdminRoute(
      endpoint: .forgetEdge, verb: .delete, path: "/admin/edges/{name}",
      summary: "Forgets an edge that is away and will not come back", content: .json(.done)),
    post(
      .beginRebalance, "/admin/rebalance", "Spreads the clients over the edges, from the fullest", .rebalance,
      [
        AdminParameter(
          name: "rate", kind: .count(0...100_000),
          meaning: "How many clients are released in a second at most, in all; 0 ends it, 200 if not said")
      ]),
    AdminRoute(
      endpoint: .endRebalance, verb: .delete, path: "/admin/rebalance", summary: "Ends the spreading",
      content: .json(.rebalance)),
    post(.setLogLevel, "/admin/log-level", "Sets what the hub logs until it restarts", .done, [level]),
    post(.reload, "/admin/reload", "Reads the hub's configuration, certificates and tokens again", .done),
  ]
}
