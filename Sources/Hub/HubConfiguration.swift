import Foundation
import HubCore
import Logging
import Primitives
import Service
import TLS

/// What the hub was told: the settings in force, and the credentials that they name. What can change while the hub runs
/// changes here.
final class HubConfiguration {
  /// The settings whose values count at once. Of certificates, keys and tokens it is the contents of their files that count: they
  /// are read again, and their names need a restart.
  private static let changeable: Set<String> = [HubDeclaration().logLevel.key]

  private let logger: Logger
  private var credentials: HubCredentials
  private var conditions = ConditionReporter()
  /// The settings in force.
  private(set) var settings: HubSettings

  init(_ settings: HubSettings, _ credentials: HubCredentials, logger: Logger) {
    self.settings = settings
    self.credentials = credentials
    self.logger = logger
  }

  /// The TLS of edges that come in now.
  var linkContext: TLSContext { credentials.linkContext }
  /// The TLS of operators that come in now; nil if there is no such door.
  var adminContext: TLSContext? { credentials.adminContext }
  /// The operators' tokens in force.
  var adminTokens: AdminTokens { credentials.adminTokens }
  /// The names that the operators' certificate bears.
  var adminNames: [String] { credentials.adminNames }
  /// When the certificates end, in seconds since 1970, by who is shown them.
  var certificateEnds: [(shownTo: String, unixSeconds: Int64)] { credentials.ends }

  /// Looks whether certificates or tokens have changed; to be called every few seconds.
  func lookAtFiles() {
    credentials.look(logger)
  }

  /// Certificates that are not valid now may be so in a moment: the clock is set, or they are renewed. To be called every second.
  ///
  /// - Returns: whether the files were looked at.
  func lookAtDates(now: Instant, unixSeconds: Int64) -> Bool {
    let problems = credentials.dateProblems(at: unixSeconds)
    for report in conditions.observed(problems, now: now) { logger.certificateReported(report) }
    guard problems.contains(where: { $0.reason != nil }) else { return false }
    lookAtFiles()
    return true
  }

  /// Why the configuration is not read again: all stays as it is.
  struct Refusal: Error {
    /// What is wrong with it.
    let reason: String
  }

  /// Reads the configuration and all files that it names again.
  ///
  /// - Returns: what changed, and what needs a restart, in words, without secrets.
  func reload() throws(Refusal) -> String {
    let wished: HubSettings
    do throws(SettingsExit) {
      wished = try .resolve(arguments: Program.arguments, environment: ProcessInfo.processInfo.environment)
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
    let (now, later) = settings.changes(to: wished, changeable: Self.changeable)
    settings = settings.taking(now.map(\.key), from: wished)
    // Also where the setting is as it was: the level may have been changed since by the admin API.
    LogThreshold.shared.level = settings.logLevel
    return Self.summary(now, later)
  }

  private static func summary(_ now: [SettingChange], _ later: [SettingChange]) -> String {
    var parts = ["Certificates and tokens are read again."]
    if !now.isEmpty {
      parts.append("Changed: \(now.map { "\($0.key) is \($0.after)" }.joined(separator: ", ")).")
    }
    if !later.isEmpty {
      parts.append("Needs a restart: \(later.map { "\($0.key) (\($0.after))" }.joined(separator: ", ")).")
    }
    return parts.joined(separator: " ")
  }
}
