import EdgeCore
import HTTP
import Logging
import Primitives
import Service
import TLS
import Wire

/// The settings in force, the credentials that they name, and what both mean for the workers. All changes at run time
/// are made here.
final class EdgeConfiguration {
  /// Descriptors that are not for clients: listeners, the link, event loops, mailboxes, libraries.
  private static let descriptorReserve = 64

  /// The edge's name.
  let node: NodeName
  /// How many descriptors the process may open.
  let descriptorLimit: Int
  private let credentials: EdgeCredentials
  private let logger: Logger
  private var conditions = ConditionReporter()
  /// The settings in force.
  private(set) var settings: EdgeSettings
  /// The workers' configuration.
  private(set) var worker: Worker.Configuration

  /// - Throws: ``Service/ConfigurationError`` about settings that cannot be used.
  init(
    _ settings: EdgeSettings, node: NodeName, _ credentials: EdgeCredentials, descriptorLimit: Int,
    logger: Logger
  ) throws {
    self.settings = settings
    self.node = node
    self.credentials = credentials
    self.descriptorLimit = descriptorLimit
    self.logger = logger
    let limits = try Self.limits(settings, descriptorLimit: descriptorLimit, logger)
    let register = SharedClientLimiter(limits: limits.clients)
    worker = try Self.worker(settings, node: node, register: register, limits)
  }

  // MARK: Credentials

  /// When the certificates expire, in seconds since 1970, by the peers that they are shown to.
  var certificateEnds: [(shownTo: String, unixSeconds: Int64)] { credentials.ends }

  /// Whether the link's certificate and authority are valid.
  func isLinkCertificateValid(at unixSeconds: Int64) -> Bool {
    credentials.link.current.dateProblem(at: unixSeconds) == nil
  }

  /// Checks whether certificates have changed; to be called every few seconds.
  func checkFiles() {
    credentials.checkForChanges(logger)
  }

  /// Certificates that are not valid now may soon be: the clock may be set, or the files renewed. To be called every
  /// second.
  func checkDates(now: Instant, unixSeconds: Int64) {
    let problems = credentials.dateProblems(at: unixSeconds)
    for report in conditions.observed(problems, now: now) { logger.certificateReported(report) }
    if problems.contains(where: { $0.reason != nil }) { checkFiles() }
  }

  /// A hub told the keys of session tickets that its edges share.
  func ticketKeysReceived(_ keys: SharedTicketKeys, from hub: Int, now: Instant) {
    credentials.clients?.tickets.received(keys, from: hub, now: now, logger)
  }

  /// The link to a hub has ended.
  func ticketHubLost(_ hub: Int, now: Instant) { credentials.clients?.tickets.lost(hub, now: now, logger) }

  /// A second has passed.
  func ticketSecondPassed(now: Instant) { credentials.clients?.tickets.secondPassed(now: now, logger) }

  // MARK: Settings

  /// Reads the configuration and all of its files again. If anything is wrong, no setting changes. New names of files
  /// need a restart.
  ///
  /// - Returns: what changed, and what needs a restart, as a text without secrets.
  func reload() throws(ConfigurationError) -> String {
    let reload: SettingsReload<EdgeDeclaration>
    do throws(SettingsExit) {
      reload = try settings.reload()
    } catch {
      throw ConfigurationError("the configuration", "cannot be used: \(error.text)")
    }
    let renewed = reload.settings
    let limits = try Self.limits(renewed, descriptorLimit: descriptorLimit, logger)
    let worker = try Self.worker(renewed, node: node, register: worker.register, limits)
    try credentials.renew()
    worker.register.setLimits(
      clientsMaximum: limits.clients.clientsMaximum,
      perAddressMaximum: limits.clients.perAddressMaximum)
    settings = renewed
    self.worker = worker
    // Even if the setting is unchanged, because a hub's command may have changed the level since.
    LogThreshold.shared.level = settings.logLevel
    return reload.summary(after: "Certificates were read again.")
  }

  /// How many connections the limit of open files allows.
  private static func connectionsAllowed(
    _ settings: EdgeSettings, descriptorLimit: Int
  ) throws(ConfigurationError) -> Int {
    let statusReserve = settings.statusListen == nil ? 0 : Entrance.statusReserve + 1
    let room =
      descriptorLimit - descriptorReserve - settings.workers * (Entrance.refusalReserve + 4 + statusReserve)
    guard room > 0 else {
      throw ConfigurationError(
        "workers", "is \(settings.workers), for which \(descriptorLimit) open files are too few")
    }
    return room
  }

  private static func limits(
    _ settings: EdgeSettings, descriptorLimit: Int, _ logger: Logger
  ) throws(ConfigurationError) -> (clients: ClientLimits, connectionsMaximum: Int) {
    let room = try connectionsAllowed(settings, descriptorLimit: descriptorLimit)
    func bounded(_ wished: Int?, _ key: String, _ subject: String) -> Int {
      guard let wished, wished > room else { return wished ?? room }
      logger.warning(
        "fewer \(subject) than configured: the limit of open files allows no more",
        metadata: [key: "\(wished)", "allowed": "\(room)", "open_files": "\(descriptorLimit)"])
      return room
    }
    // A connection of HTTP/2 has many clients, so the limit of open files does not bound them.
    let clients =
      settings.http2Enabled
      ? settings.clientsMaximum ?? room : bounded(settings.clientsMaximum, "clients.maximum", "clients")
    return (
      ClientLimits(
        clientsMaximum: clients, perAddressMaximum: settings.clientsPerAddress,
        unlimited: settings.trustedProxies),
      bounded(settings.connectionsMaximum, "connections.maximum", "connections")
    )
  }

  private static func worker(
    _ settings: EdgeSettings, node: NodeName, register: SharedClientLimiter,
    _ limits: (clients: ClientLimits, connectionsMaximum: Int)
  ) throws(ConfigurationError) -> Worker.Configuration {
    guard let origin = FieldValue(checking: settings.corsOrigin) else {
      throw ConfigurationError("cors.origin", "is no value of a header field")
    }
    guard let retry = RetryDelay(milliseconds: Int(settings.retry.wholeMilliseconds)) else {
      throw ConfigurationError("retry", "is not from 1s to 600s")
    }
    let offers = OfferedStreams(allDetails: settings.detailsAllEnabled, interaction: settings.kioskEnabled)
    func manner(strictTransport: Duration?, offers: OfferedStreams) -> Worker.Manner {
      let fields = AnswerFields(allowOrigin: origin, strictTransport: strictTransport)
      return Worker.Manner(
        session: SessionOptions(offers: offers, fields: fields),
        opening: StreamResponseHead(fields: fields, retry: retry, isChunked: settings.chunked))
    }
    return Worker.Configuration(
      node: node.description, clientsMaximum: limits.clients.clientsMaximum,
      connectionsMaximum: limits.connectionsMaximum,
      register: register,
      settings: settings,
      plain: manner(strictTransport: nil, offers: offers),
      secure: manner(strictTransport: settings.strictTransport, offers: offers),
      status: manner(strictTransport: nil, offers: .statusAlone),
      subscribers: SubscriberTerms(retry: retry, refreshAfter: settings.refreshAfter),
      delivery: DeliveryLimits(lagMaximum: settings.lagMaximum, keepAlive: settings.keepAlive))
  }
}
