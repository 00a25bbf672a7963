import Foundation
import HTTP
import HubCore
import Logging
import Primitives
import Service
import TLS

// What can change while the hub runs.
extension HubServer {
  /// The settings whose values count at once. Of certificates, keys and tokens it is the contents of their files that count: they
  /// are read again, and their names need a restart.
  private static let changeable = ["log.level"]

  /// Reads the configuration and all files that it names again. If anything is wrong, all stays as it is.
  func reload() -> Response {
    let renewed: HubSettings
    do throws(SettingsExit) {
      renewed = try .resolve(
        arguments: Program.arguments, environment: ProcessInfo.processInfo.environment)
    } catch {
      return refuseReload(error.text)
    }
    var (linkFiles, doors) = (linkFiles, doors)
    if case .refused(let reason) = linkFiles.reload() { return refuseReload(reason) }
    for change in doors.reload() {
      if let refusal = change.refusal { return refuseReload("\(change.what): \(refusal)") }
    }
    self.linkFiles = linkFiles
    adopt(doors)
    let message = adopt(renewed)
    logger.notice("reloaded: \(message)")
    return AdminAnswer.done(message)
  }

  private func refuseReload(_ reason: String) -> Response {
    logger.error("nothing is reloaded, and the old configuration stays", metadata: ["reason": "\(reason)"])
    return AdminAnswer.problem(.unprocessableContent, "Nothing is changed: \(reason)")
  }

  /// Takes over what can change now. Returns what did, and what needs a restart.
  private func adopt(_ renewed: HubSettings) -> String {
    var now: [SettingRow] = []
    var later: [SettingRow] = []
    for (index, row) in renewed.rows.enumerated()
    where !row.value.utf8.elementsEqual(settingRows[index].value.utf8) {
      if Self.changeable.contains(row.key) {
        settingRows[index] = row
        now.append(row)
      } else {
        later.append(row)
      }
    }
    // Also where the setting is as it was: somebody may have changed the level since.
    LogThreshold.shared.level = renewed.logLevel
    var parts = ["Certificates and tokens are read again."]
    if !now.isEmpty {
      parts.append("Changed: \(now.map { "\($0.key) is \($0.value)" }.joined(separator: ", ")).")
    }
    if !later.isEmpty {
      parts.append("Needs a restart: \(later.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")).")
    }
    return parts.joined(separator: " ")
  }

  private func adopt(_ doors: AdminDoors) {
    self.doors = doors
    if gate.tokens != doors.acceptedTokens { endSecureWatchers() }
    gate.tokens = doors.acceptedTokens
    gate.setHostNames([terms.node.description] + doors.names)
  }

  /// Looks whether certificates or tokens have changed; to be called every few seconds.
  func lookAtFiles() {
    switch linkFiles.look() {
    case .unchanged: break
    case .renewed: logger.notice("edges are shown the certificate as it is now")
    case .refused(let reason):
      logger.error(
        "the new link certificate is refused; the old one stays", metadata: ["reason": "\(reason)"])
    }
    var doors = doors
    let changes = doors.look()
    adopt(doors)
    for change in changes {
      if let refusal = change.refusal {
        logger.error("\(change.what): refused, and the old stays", metadata: ["reason": "\(refusal)"])
      } else {
        logger.notice("\(change.what): as in the file now")
      }
    }
  }
}
