import ArgumentParser
import Reactor

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#endif

/// What to print, and the status to end with, in place of running.
public struct SettingsExit: Error, Equatable, Sendable {
  /// 0, 64 (`EX_USAGE` of sysexits.h: the command line) or 78 (`EX_CONFIG`: environment or file).
  public let status: Int32
  /// What to print: on the standard output if the status is 0, else on the standard error.
  public let text: String

  init(status: Int32, text: String) {
    self.status = status
    self.text = text
  }

  /// After a request for help or version, or a command line that cannot be parsed.
  init<Declaration>(_ error: any Error, of flags: SettingFlags<Declaration>.Type) {
    self.init(status: flags.exitCode(for: error).rawValue, text: flags.fullMessage(for: error))
  }

  /// After settings that cannot be used; the command line counts first.
  init(_ problems: [SettingsResolution.Problem], command: String) {
    self.init(
      status: problems.contains(where: \.isUsage) ? EX_USAGE : EX_CONFIG,
      text: problems.map { "\(command): \($0.text)" }.joined(separator: "\n"))
  }
}

extension Settings {
  /// The settings of this process; if there is something to print instead, prints it and ends the process.
  public static func resolveOrExit() -> Settings {
    do throws(SettingsExit) {
      return try resolve(
        arguments: Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
    } catch {
      if error.status == 0 {
        StandardStream.write(error.text + "\n", to: STDOUT_FILENO)
      } else {
        // The service manager is to get the status, even where nobody reads the words.
        StandardStream.write(error.text + "\n", to: STDERR_FILENO, within: .seconds(1))
      }
      exit(error.status)
    }
  }
}
