import HubCore
import Logging
import Primitives
import Service
import TLS

/// The settings in force, and the credentials that they name. All changes at run time are made here.
final class HubConfiguration {
  private let manager: ServiceManager
  private let logger: Logger
  private var credentials: HubCredentials
  private var conditions = ConditionReporter()
  /// The settings in force.
  private(set) var settings: HubSettings

  init(_ settings: HubSettings, _ credentials: HubCredentials, manager: ServiceManager, logger: Logger) {
    self.settings = settings
    self.credentials = credentials
    self.manager = manager
    self.logger = logger
  }

  /// The TLS context for new connections of edges.
  var linkContext: TLSContext { credentials.linkContext }
  /// The TLS context for new connections of operators; nil without an HTTPS listener.
  var adminContext: TLSContext? { credentials.adminContext }
  /// The operators' tokens in force.
  var adminTokens: AdminTokens { credentials.adminTokens }
  /// The names in the certificate for operators.
  var adminNames: [String] { credentials.adminNames }
  /// When the certificates expire, in seconds since 1970, by the peers that they are shown to.
  var certificateEnds: [(shownTo: String, unixSeconds: Int64)] { credentials.ends }

  /// Checks whether certificates or tokens have changed; to be called every few seconds.
  func checkFiles() {
    credentials.checkForChanges(logger)
  }

  /// Certificates that are not valid now may soon be: the clock may be set, or the files renewed. To be called every
  /// second.
  ///
  /// - Returns: whether the files were read.
  func checkDates(now: Instant, unixSeconds: Int64) -> Bool {
    let problems = credentials.dateProblems(at: unixSeconds)
    for report in conditions.observed(problems, now: now) { logger.certificateReported(report) }
    guard problems.contains(where: { $0.reason != nil }) else { return false }
    checkFiles()
    return true
  }

  /// Why the configuration was not applied. Then nothing has changed.
  struct Refusal: Error {
    /// The fault of the configuration.
    let reason: String
  }

  /// Reads the configuration and all of its files again: certificates, keys and tokens. New names of files need a
  /// restart.
  ///
  /// - Returns: what changed, and what needs a restart, as a text without secrets.
  func reload() throws(Refusal) -> String {
    try manager.whileReloading { () throws(Refusal) in try readAgain() }
  }

  private func readAgain() throws(Refusal) -> String {
    let reload: SettingsReload<HubDeclaration>
    do throws(SettingsExit) {
      reload = try settings.reload()
    } catch {
      throw Refusal(reason: error.text)
    }
    var renewed = credentials
    do throws(HubCredentials.Refusal) {
      try renewed.reload()
    } catch {
      throw Refusal(reason: error.reason)
    }
    credentials = renewed
    settings = reload.settings
    // Even if the setting is unchanged, because the admin API may have changed the level since.
    LogThreshold.shared.level = settings.logLevel
    return reload.summary(after: "Certificates and tokens were read again.")
  }
}
